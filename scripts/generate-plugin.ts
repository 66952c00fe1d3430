/** Writes claude-plugin/ from what `agentperf install claude-code` would add; `--check` only says whether it is stale. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { configSchema } from '#receivers/claude_hooks/config.ts'
import { hooksFor, WANTED_EVENTS, withAdditions } from '#src/cli/claude-settings.ts'
import manifest from '../package.json' with { type: 'json' }

const folder = new URL('../claude-plugin/', import.meta.url)

const { endpoint } = configSchema.parse({})
const hooks = hooksFor(WANTED_EVENTS, `http://${endpoint}/hooks`, true)

const files: Readonly<Record<string, object>> = {
  '.claude-plugin/plugin.json': {
    name: manifest.name,
    version: manifest.version,
    description: 'Tells a running agentperf what sessions do, and sessions what has proved to help them.',
    author: { name: 'The agentperf authors' },
    license: manifest.license,
  },
  'hooks/hooks.json': {
    description: `Hooks of agentperf, which listens on ${endpoint}`,
    ...withAdditions({}, { hooks, env: {} }),
  },
}

for (const [name, content] of Object.entries(files)) {
  const file = new URL(name, folder)
  const text = `${JSON.stringify(content, undefined, 2)}\n`
  if (process.argv.includes('--check')) {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue
    console.error(`claude-plugin/${name} is stale: expected what install adds, run «npm run generate»`)
    process.exitCode = 1
  } else {
    await mkdir(new URL('.', file), { recursive: true })
    await writeFile(file, text)
    console.log(`claude-plugin/${name}: ${text.length} characters`)
  }
}
