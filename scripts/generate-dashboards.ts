/** Writes SigNoz's dashboards and alert rules to docker/signoz/; `--check` only says which are stale. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { signozFiles } from './signoz/files.ts'

const folder = new URL('../docker/signoz/', import.meta.url)
const wanted = signozFiles()

await mkdir(folder, { recursive: true })
const present = (await readdir(folder)).filter((name) => name.endsWith('.json'))
const left = present.filter((name) => !wanted.has(name))

if (process.argv.includes('--check')) {
  const stale: string[] = [...left]
  for (const [name, text] of wanted) {
    if ((await readFile(new URL(name, folder), 'utf8').catch(() => '')) !== text) stale.push(name)
  }
  if (stale.length > 0) {
    console.error(`docker/signoz/ is stale (${stale.join(', ')}): run «npm run generate»`)
    process.exitCode = 1
  }
} else {
  for (const name of left) await rm(new URL(name, folder))
  for (const [name, text] of wanted) await writeFile(new URL(name, folder), text)
  console.log(`docker/signoz/: ${wanted.size} files`)
}
