import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('the README’s configuration and the shipped one are valid', () => {
  const example = /```yaml\n(receivers:[\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(parse(example)).toHaveProperty('service.pipelines')
  const env = { HOME: '/home/ada' }
  loadConfig({ sources: [{ file: 'README.md', text: example }], sets: [], env }, components)
  const shipped = readFileSync(join(root, 'pipelines.yaml'), 'utf8')
  expect(
    loadConfig({ sources: [{ file: 'pipelines.yaml', text: shipped }], sets: [], env }, components).warnings,
  ).toEqual([])
})

test('pipelines.yaml names its schema in the first line', () => {
  const [first] = readFileSync(join(root, 'pipelines.yaml'), 'utf8').split('\n')
  expect(first).toBe('# yaml-language-server: $schema=./schema/pipelines.schema.json')
})

test('every npm script that the README names exists', () => {
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)([a-z0-9:]+)|npm (start|test)\b/g)].map(
    ([, run, plain]) => run ?? plain,
  )
  expect(named.length).toBeGreaterThan(5)
  for (const name of named) expect(manifest.scripts).toHaveProperty([name ?? ''])
})

test('files that the README links to exist', () => {
  for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(() => readFileSync(join(root, target)), target).not.toThrow()
  }
})
