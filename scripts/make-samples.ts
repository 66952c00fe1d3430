import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { edgarNadyneFiles } from './samples/edgar-nadyne.ts'
import { historyFiles } from './samples/history.ts'

// Writes the sample sessions below samples/. With --check it only says whether they are what it would write.

const ROOT = join(import.meta.dirname, '..', 'samples')
const wanted = new Map([...edgarNadyneFiles(), ...historyFiles()])
const stale = await stalePaths()

if (process.argv.includes('--check')) {
  for (const path of stale)
    console.error(`samples/${path}: expected what scripts/make-samples.ts makes, found other content`)
  if (stale.length > 0) console.error('Run: npm exec -c "node scripts/make-samples.ts"')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const path of stale) await renew(path)
  console.log(`${wanted.size} files, ${stale.length} changed`)
}

async function stalePaths(): Promise<readonly string[]> {
  const present = await presentTexts()
  return [...new Set([...wanted.keys(), ...present.keys()])]
    .filter((path) => wanted.get(path) !== present.get(path))
    .toSorted()
}

async function presentTexts(): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(ROOT, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
    .map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return new Map(paths.map((path, index) => [relative(ROOT, path).split(sep).join('/'), texts[index] ?? '']))
}

async function renew(path: string): Promise<void> {
  const file = join(ROOT, path)
  const text = wanted.get(path)
  if (text === undefined) return rm(file)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
