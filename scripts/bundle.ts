import { readFile, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild'

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  // A process keeps the text of what it runs in memory. Names stay, and lines short enough to find a place in them.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  sourcemap: false,
} as const satisfies BuildOptions

const MODULES = {
  ...COMMON,
  outExtension: { '.js': '.mjs' },
  splitting: true,
  format: 'esm',
  // Some packages are CommonJS and require Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions

/** Stands in the program's script for the place of its modules. */
const FOLDER_URL = '__folderUrl'

/** Leaves out the commands themselves, which the entry does not load. */
const WITHOUT_COMMANDS: Plugin = {
  name: 'without-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ kind, importer }) =>
      kind === 'dynamic-import' && basename(importer) === 'commands.ts' ? { external: true } : undefined,
    )
  },
}

/** Bundles entry points, by name, into files that run without the sources and without node_modules. */
export function bundle(entryPoints: Readonly<Record<string, string>>, directory: string): Promise<BuildResult> {
  return build({ ...MODULES, entryPoints: { ...entryPoints }, outdir: directory })
}

/**
 * Bundles the command line as `agentperf.mjs`, which has what `--help` takes, beside a script of the whole program, which is
 * loaded with compiled code.
 *
 * @param root the repository
 */
export async function bundleCommand(root: string, directory: string): Promise<readonly BuildResult[]> {
  const program = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: ['src/cli/program.ts'],
    outdir: directory,
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    banner: {
      js: `(function (module, require, __dirname) { const ${FOLDER_URL} = require('node:url').pathToFileURL(__dirname + '/').href;`,
    },
    footer: { js: 'return module.exports })' },
    // Some packages load others by where they lie.
    define: { 'import.meta.url': FOLDER_URL },
    metafile: true,
  })
  const [path = ''] = Object.keys(program.metafile.outputs)
  await escapeLetters(resolve(root, path))
  const entry = await build({
    ...MODULES,
    absWorkingDir: root,
    entryPoints: { agentperf: 'src/main.ts' },
    outdir: directory,
    alias: { '#src/cli/program.ts': './src/cli/bundled-program.ts' },
    plugins: [WITHOUT_COMMANDS],
    define: { PROGRAM_SCRIPT: JSON.stringify(basename(path)) },
  })
  return [program, entry]
}

/** Other letters than ASCII become escapes also in regular expressions, where esbuild leaves them: V8 then needs half the memory. */
async function escapeLetters(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  await writeFile(path, text.replaceAll(/[^\0-\x7f]/g, escaped))
}
