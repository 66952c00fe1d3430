/** Writes schema/pipelines.schema.json from the component types of this build; `--check` only says whether it is stale. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { components } from '#src/components.ts'
import { configJsonSchema } from '#src/config/json-schema.ts'

const file = new URL('../schema/pipelines.schema.json', import.meta.url)
const name = 'schema/pipelines.schema.json'
const text = `${JSON.stringify(configJsonSchema(components), null, 2)}\n`

if (process.argv.includes('--check')) {
  const written = await readFile(file, 'utf8').catch(() => '')
  if (written !== text) {
    console.error(`${name} is stale: expected what the sources say, run «node scripts/generate-schema.ts»`)
    process.exitCode = 1
  }
} else {
  await mkdir(new URL('.', file), { recursive: true })
  await writeFile(file, text)
  console.log(`${name}: ${text.length} characters`)
}
