// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { testRegistry } from '#src/config/registry.fixture.ts'
import { run as components } from './components.ts'
import { run as graph } from './graph.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { run as printConfig } from './print-config.ts'
import { run as validate } from './validate.ts'

const TEXT = `
receivers:
  files: { include: ["\${env:HOME}/*.jsonl"] }
processors: { group: , measure: , compare: }
exporters:
  lines: { headers: { x-team: hunter2 } }
  push: { endpoint: "\${env:ENDPOINT}" }
service: { pipelines: { main: { receivers: [files], processors: [group, measure], exporters: [lines, push] } } }
`
const env = { HOME: '/home/ada', ENDPOINT: 'https://ada:hunter2@example.org' }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-commands-'))
  await writeFile(join(folder, 'p.yaml'), TEXT)
})

afterAll(() => rm(folder, { recursive: true }))

test('validate counts what is there and tells what is not used', async () => {
  const io = memoryIo({ cwd: folder, env })
  expect(await validate({ config: ['p.yaml'], set: [] }, io, testRegistry)).toBe(0)
  expect(io.written).toEqual({
    out: 'p.yaml: fine (1 pipeline, 6 components)\n',
    err: 'p.yaml:4:35  processors.compare  is declared, but no pipeline uses it: it does not run\n',
  })
})

test('validate throws all problems of all files', async () => {
  const io = memoryIo({ cwd: folder, env })
  const bad = validate(
    { config: ['p.yaml'], set: ['processors.group.max_open=0', 'exporters.line='] },
    io,
    testRegistry,
  )
  await expect(bad).rejects.toMatchObject({ name: 'ConfigError', issues: { length: 2 } })
})

test('print-config shows what is merged and expanded, without secrets and without values of the environment', async () => {
  const options = { config: ['p.yaml'], set: ['processors.group.max_open=7'], json: false }
  const io = memoryIo({ cwd: folder, env })
  expect(await printConfig(options, io, testRegistry)).toBe(0)
  expect(parse(io.written.out)).toEqual({
    receivers: { files: { include: ['${env:HOME}/*.jsonl'] } },
    processors: { group: { max_open: 7 }, measure: null, compare: null },
    exporters: { lines: { headers: { 'x-team': '[REDACTED]' } }, push: { endpoint: '${env:ENDPOINT}' } },
    service: {
      pipelines: { main: { receivers: ['files'], processors: ['group', 'measure'], exporters: ['lines', 'push'] } },
      storage: { directory: '~/.claude/telemetry' },
    },
  })
  expect(io.written.out).not.toContain('hunter2')
  const json = memoryIo({ cwd: folder, env })
  await printConfig({ ...options, json: true }, json, testRegistry)
  expect(JSON.parse(json.written.out)).toEqual(parse(io.written.out))
})

test('graph draws the pipelines', async () => {
  const io = memoryIo({ cwd: folder, env })
  expect(await graph({ config: ['p.yaml'], set: [] }, io, testRegistry)).toBe(0)
  expect(io.written.out).toMatch(/^flowchart LR\n {2}n0\(\["files"\]\)\n[\s\S]*-->\|telemetry\|/)
})

test('components are a table of 80 columns, or JSON', async () => {
  const options = { config: ['p.yaml'], set: [], json: false, cel: false }
  const io = memoryIo({ cwd: folder, env })
  expect(await components(options, io, testRegistry)).toBe(0)
  const lines = io.written.out.trimEnd().split('\n')
  expect(lines).toHaveLength(2 * testRegistry.length + 1)
  expect(lines.slice(5, 7)).toEqual([
    expect.stringMatching(/^processor +group +development +telemetry → session$/),
    '  The test component group.',
  ])
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  const json = memoryIo()
  await components({ ...options, json: true }, json, testRegistry)
  expect(JSON.parse(json.written.out)[2]).toEqual({
    kind: 'processor',
    type: 'group',
    stability: 'development',
    consumes: 'telemetry',
    produces: 'session',
    description: 'The test component group.',
  })
})

test('components --cel lists what expressions may name', async () => {
  const options = { config: ['p.yaml'], set: [], json: true, cel: true }
  const io = memoryIo()
  expect(await components(options, io, testRegistry)).toBe(0)
  expect(JSON.parse(io.written.out)).toContainEqual(
    expect.objectContaining({ name: 'totals.output_tokens', type: 'double' }),
  )
  const table = memoryIo()
  await components({ ...options, json: false }, table, testRegistry)
  expect(table.written.out).toContain('kpis.error_rate')
})
