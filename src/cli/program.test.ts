import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, EnvironmentError } from '#src/errors.ts'
import { type CommandSpec, commands } from './commands.ts'
import { memoryIo } from './memory-io.fixture.ts'
import { runProgram } from './program.ts'

let packageRoot: URL
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentperf-program-'))
  packageRoot = pathToFileURL(`${folder}/`)
  await writeFile(join(folder, 'package.json'), '{"version": "1.2.3"}')
})

afterAll(() => rm(folder, { recursive: true }))

test.for<[name: string, outcome: () => Promise<number>, code: number, err: string]>([
  ['is fine', async () => 0, 0, ''],
  ['finds something', async () => 1, 1, ''],
  [
    'has a bad configuration',
    () =>
      Promise.reject(
        new ConfigError([
          { location: { file: 'p.yaml', line: 1, column: 2 }, path: 'a', message: 'expected b, got c' },
          { location: { file: '--set x' }, path: 'x', message: 'expected y, got z' },
        ]),
      ),
    2,
    'p.yaml:1:2  a  expected b, got c\n--set x  x  expected y, got z\n2 problems in the configuration\n',
  ],
  [
    'lacks something',
    () => Promise.reject(new EnvironmentError('port 4318 is taken')),
    3,
    'agentperf: port 4318 is taken\n',
  ],
])('a command that %s', async ([, outcome, code, err]) => {
  expect(await run(['act'], outcome)).toMatchObject({ code, err })
})

test('a bug ends with its stack', async () => {
  const { code, err } = await run(['act'], () => Promise.reject(new TypeError('oops')))
  expect(code).toBe(70)
  expect(err).toMatch(/^TypeError: oops\n {4}at /)
})

test.for<[name: string, argv: string[], err: RegExp]>([
  ['an unknown command', ['atc'], /unknown command 'atc'\n\(Did you mean act\?\)/],
  ['an unknown option', ['act', '--jsno'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
  ['a missing argument', ['act', 'list'], /missing required argument 'agent-type'/],
  ['an option without its value', ['act', '--config'], /argument missing/],
  ['no command at all', [], /^Usage: agentperf/],
])('%s is a usage error', async ([, argv, err]) => {
  const result = await run(argv, async () => 0, argv.includes('list'))
  expect(result.code).toBe(2)
  expect(result.err).toMatch(err)
  expect(result.out).toBe('')
})

test.for<[argv: string[], options: object]>([
  [['act'], { config: ['DEFAULT'], set: [], json: false }],
  [['act', '--json', '--agent-type', 'x'], { config: ['DEFAULT'], set: [], json: true, agentType: 'x' }],
  [
    ['--config', 'a', 'act', '--config', 'b', '--set', 'x=1', '--set', 'y=2'],
    { config: ['a', 'b'], set: ['x=1', 'y=2'], json: false },
  ],
])('%j gives the command its options', async ([argv, options]) => {
  const result = await run(argv, async () => 0)
  expect(JSON.parse(JSON.stringify(result.options).replace(join(folder, 'pipelines.yaml'), 'DEFAULT'))).toMatchObject(
    options,
  )
})

test('a command of the second level is named in the options, with its arguments', async () => {
  const { options, code } = await run(['act', 'list', 'coder'], async () => 0, true)
  expect(code).toBe(0)
  expect(options).toMatchObject({ action: 'list', agentType: 'coder' })
})

test('the file pipelines.yaml of the working directory goes before the shipped one', async () => {
  await writeFile(join(folder, 'pipelines.yaml'), '')
  const { options } = await run(['act'], async () => 0, false, folder)
  expect(options).toMatchObject({ config: ['pipelines.yaml'] })
})

test('the version is that of the package', async () => {
  expect(await run(['--version'], async () => 1)).toMatchObject({ code: 0, out: '1.2.3\n' })
})

test.for(commands.flatMap(({ name, actions = [] }) => [[name], ...actions.map((action) => [name, action.name])]))(
  'the help of %j ends with an example and fits 80 columns',
  async (names) => {
    const io = memoryIo()
    expect(await runProgram({ argv: [...names, '--help'], io, packageRoot })).toBe(0)
    expect(io.written.out).toMatch(new RegExp(`\\nExample:\\n {2}\\$ agentperf ${names.join(' ').split(' ')[0]}.*\\n$`))
    expect(io.written.out).toContain('--config <file>')
    expect(Math.max(...io.written.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  },
)

test('the help lists all commands and loads none', async () => {
  const io = memoryIo()
  const loaded: string[] = []
  const commandTable = commands.map((spec) => {
    const load = () => {
      loaded.push(spec.name)
      return spec.load()
    }
    return { ...spec, load }
  })
  expect(await runProgram({ argv: ['--help'], io, packageRoot, commandTable })).toBe(0)
  for (const { name } of commands) expect(io.written.out).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  expect(loaded).toEqual([])
})

async function run(argv: readonly string[], outcome: () => Promise<number>, nested = false, cwd = '/nowhere') {
  const io = memoryIo({ cwd })
  let options: object = {}
  const text = { name: 'act', summary: 'does something', example: 'agentperf act' }
  const load = async () => ({
    run: (given: object) => {
      options = given
      return outcome()
    },
  })
  const flat: CommandSpec = {
    ...text,
    configure: (command) => command.option('--json', 'JSON').option('--agent-type <type>', 'type'),
    load,
  }
  const deep: CommandSpec = {
    ...text,
    actions: [{ ...text, name: 'list', configure: (command) => command.argument('<agent-type>', 'whose') }],
    load,
  }
  const code = await runProgram({ argv, io, packageRoot, commandTable: [nested ? deep : flat] })
  return { code, options, ...io.written }
}
