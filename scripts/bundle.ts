import { type BuildResult, build } from 'esbuild'

/** Bundles entry points, by name, into files that run without the sources and without node_modules. */
export function bundle(entryPoints: Readonly<Record<string, string>>, directory: string): Promise<BuildResult> {
  return build({
    entryPoints: { ...entryPoints },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Commands are loaded when they are used.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: false,
    // fastify and pino are CommonJS and require Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
}
