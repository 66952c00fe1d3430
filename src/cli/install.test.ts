import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { commandHook } from './claude-hook-command.ts'
import { run as install } from './install.ts'
import { type MemoryIo, memoryIo } from './memory-io.fixture.ts'
import { run as uninstall } from './uninstall.ts'

const PIPELINES = resolve(import.meta.dirname, '../../pipelines.yaml')
const NEW_CLIENT = [
  ...['SessionStart', 'SubagentStart', 'SessionEnd', 'UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure'],
  ...['SubagentStop', 'TaskCompleted', 'Stop', 'allowedHttpHookUrls'],
]
/** As a person wrote it: the bytes must come back. */
const OWN =
  '{"env": {"FOO":"1"},\n\n "hooks": {"Stop":[{"hooks":[{"type":"command","command":"say done"}]}]} , "model":"opus" }'

let home: string
let io: MemoryIo

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'agentperf-install-'))
  io = memoryIo({ env: { HOME: home, PATH: join(home, 'bin') }, cwd: join(home, 'project') })
})

afterEach(() => rmSync(home, { recursive: true }))

const settingsPath = (): string => join(home, '.claude/settings.json')
const settings = () => JSON.parse(readFileSync(settingsPath(), 'utf8'))

function writeSettings(text: string): void {
  mkdirSync(dirname(settingsPath()), { recursive: true })
  writeFileSync(settingsPath(), text, { mode: 0o640 })
}

/** A program that names what it knows, behind a link as package managers make it. */
function clientThatKnows(names: readonly string[]): void {
  mkdirSync(join(home, 'bin'))
  const program = join(home, 'client')
  writeFileSync(program, `${'x'.repeat(5_000_000)};${names.map((name) => `"${name}"`).join(',')};`)
  chmodSync(program, 0o755)
  symlinkSync(program, join(home, 'bin/claude'))
}

function run(command: typeof install, more: object = {}): Promise<number> {
  return command(
    {
      config: [PIPELINES],
      set: [`service.storage.directory=${join(home, 'state')}`],
      action: 'claude-code',
      scope: 'user',
      dryRun: false,
      ...more,
    },
    io,
  )
}

test('hooks and telemetry stand behind what was there, and uninstalling brings back every byte', async () => {
  clientThatKnows(NEW_CLIENT)
  writeSettings(OWN)
  expect(await run(install)).toBe(0)
  const { hooks, env, model } = settings()
  expect(model).toBe('opus')
  expect(hooks.Stop.map((group: { hooks: unknown[] }) => group.hooks)).toEqual([
    [{ type: 'command', command: 'say done' }],
    [{ type: 'http', url: 'http://127.0.0.1:4319/hooks', timeout: 2 }],
  ])
  expect(Object.keys(hooks).toSorted()).toEqual(NEW_CLIENT.filter((name) => name !== 'allowedHttpHookUrls').toSorted())
  for (const event of ['SessionStart', 'SubagentStart']) expect(hooks[event][0].hooks[0].type).toBe('command')
  expect(env).toEqual({
    FOO: '1',
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4328',
  })
  expect(io.written.out).toContain('+     "CLAUDE_CODE_ENABLE_TELEMETRY": "1"')
  expect(statSync(settingsPath()).mode & 0o777).toBe(0o640)
  expect(await run(uninstall)).toBe(0)
  expect(readFileSync(settingsPath(), 'utf8')).toBe(OWN)
  expect(existsSync(join(home, 'state/.agentperf/install'))).toBe(false)
})

test('installing again changes nothing, also with a change that is of others', async () => {
  clientThatKnows(NEW_CLIENT)
  writeSettings(OWN)
  await run(install)
  const first = readFileSync(settingsPath(), 'utf8')
  await run(install)
  expect(readFileSync(settingsPath(), 'utf8')).toBe(first)
  expect(io.written.out).toContain('nothing to change')
  writeFileSync(settingsPath(), JSON.stringify({ ...settings(), theme: 'dark' }))
  await run(install)
  expect(settings()).toEqual({ ...JSON.parse(first), theme: 'dark' })
  await run(uninstall)
  expect(settings()).toEqual({ ...JSON.parse(OWN), theme: 'dark' })
})

test('what was changed since stays when it is uninstalled', async () => {
  clientThatKnows(NEW_CLIENT)
  await run(install)
  writeFileSync(settingsPath(), JSON.stringify({ ...settings(), theme: 'dark' }))
  expect(await run(uninstall)).toBe(0)
  expect(settings()).toEqual({ theme: 'dark' })
  expect(io.written.err).toContain('changed since')
})

test('variables that were there before stay there when it is uninstalled', async () => {
  const own = { env: { CLAUDE_CODE_ENABLE_TELEMETRY: '1', CLAUDE_CODE_ENABLE_TODO_TOOLS: '0' } }
  writeSettings(JSON.stringify(own))
  await run(install, { todoTools: true })
  expect(Object.keys(settings().env)).toHaveLength(6)
  expect(settings().env).toMatchObject(own.env)
  expect(io.written.err).toContain('CLAUDE_CODE_ENABLE_TODO_TOOLS is set already')
  writeFileSync(settingsPath(), JSON.stringify({ ...settings(), theme: 'dark' }))
  await run(uninstall)
  expect(settings()).toEqual({ ...own, theme: 'dark' })
})

describe('with another storage directory', () => {
  const other = { set: ['service.storage.directory=/nowhere/agentperf-other'] }

  test.for<[name: string, sets: readonly string[]]>([
    ['the same address', []],
    ['another address', ['receivers.claude_hooks.endpoint=127.0.0.1:4399']],
  ])('each event has one hook, of the last installation: %s', async ([, sets]) => {
    clientThatKnows(NEW_CLIENT)
    writeSettings(OWN)
    await run(install)
    const elsewhere = { set: [`service.storage.directory=${join(home, 'other')}`, ...sets] }
    await run(install, elsewhere)
    const { hooks } = settings()
    expect(hooks.SessionStart).toHaveLength(1)
    expect(hooks.SessionEnd).toHaveLength(1)
    expect(hooks.Stop).toHaveLength(2)
    if (sets.length > 0) expect(JSON.stringify(hooks)).not.toContain('4319')
    await run(uninstall, elsewhere)
    await run(uninstall)
    expect(settings()).toEqual(JSON.parse(OWN))
  })

  test('uninstalling finds the hooks, and says that variables stay', async () => {
    clientThatKnows(NEW_CLIENT)
    writeSettings(OWN)
    await run(install)
    expect(await run(uninstall, other)).toBe(0)
    expect(settings().hooks).toEqual(JSON.parse(OWN).hooks)
    expect(settings().env).toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT')
    expect(io.written.err).toContain('another storage directory')
    await run(uninstall)
    expect(settings()).toEqual(JSON.parse(OWN))
  })

  test('hooks of others stay, also those over HTTP', async () => {
    const hooks = { Stop: [{ hooks: [{ type: 'http', url: 'http://127.0.0.1:9999/hooks', timeout: 2 }] }] }
    writeSettings(JSON.stringify({ hooks }))
    expect(await run(uninstall, other)).toBe(0)
    expect(settings()).toEqual({ hooks })
    expect(io.written.err).toContain('Nothing of agentperf')
  })
})

test('a file that is already as it was before stays so, byte for byte', async () => {
  writeSettings(OWN)
  await run(install)
  writeFileSync(settingsPath(), OWN)
  await run(uninstall)
  expect(readFileSync(settingsPath(), 'utf8')).toBe(OWN)
  expect(io.written.err).not.toContain('changed since')
})

test('without settings before there are none after', async () => {
  await run(install)
  expect(existsSync(settingsPath())).toBe(true)
  await run(uninstall)
  expect(existsSync(join(home, '.claude'))).toBe(false)
  expect(await run(uninstall)).toBe(0)
  expect(io.written.err).toContain('Nothing of agentperf')
})

test('--dry-run shows what would change and writes nothing', async () => {
  writeSettings(OWN)
  expect(await run(install, { dryRun: true })).toBe(0)
  expect(io.written.out).toContain('+ ')
  expect(io.written.err).toMatch(/Nothing was written: 6 hooks and 5 variables would be added\. .*\n$/)
  expect(readFileSync(settingsPath(), 'utf8')).toBe(OWN)
  expect(readdirSync(home)).toEqual(['.claude'])
})

test.for<[name: string, names: readonly string[] | undefined]>([
  ['cannot be found', undefined],
  ['is a wrapper', ['exec node cli.js']],
])('a client that %s gets only hooks that all know, as commands', async ([, names]) => {
  if (names !== undefined) clientThatKnows(names)
  await run(install)
  const hooks: Record<string, { hooks: { type: string }[] }[]> = settings().hooks
  expect(Object.keys(hooks)).toEqual([
    'SessionStart',
    'SessionEnd',
    'UserPromptSubmit',
    'PostToolUse',
    'SubagentStop',
    'Stop',
  ])
  expect(Object.values(hooks).map(([group]) => group?.hooks[0]?.type)).toEqual(Array(6).fill('command'))
})

test('project scope has hooks alone, and says why', async () => {
  await run(install, { scope: 'project', todoTools: true })
  const project = JSON.parse(readFileSync(join(home, 'project/.claude/settings.json'), 'utf8'))
  expect(project.env).toEqual({ CLAUDE_CODE_ENABLE_TODO_TOOLS: '1' })
  expect(io.written.err).toContain('Project settings cannot switch telemetry on')
})

test('telemetry that goes elsewhere goes on going there', async () => {
  writeSettings('{"env":{"OTEL_EXPORTER_OTLP_ENDPOINT":"http://collector:4318"}}')
  await run(install)
  expect(settings().env).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' })
  expect(io.written.err).toContain('stays as it is')
})

test.for(['{"hooks": [', '[]', '{"hooks": "none"}'])(
  'settings that nobody can read are left alone: %s',
  async (text) => {
    writeSettings(text)
    await expect(run(install)).rejects.toThrow(EnvironmentError)
    expect(readFileSync(settingsPath(), 'utf8')).toBe(text)
  },
)

test('settings that are a link stay one', async () => {
  mkdirSync(join(home, '.claude'))
  writeFileSync(join(home, 'dotfile'), OWN)
  symlinkSync(join(home, 'dotfile'), settingsPath())
  await run(install)
  expect(JSON.parse(readFileSync(join(home, 'dotfile'), 'utf8')).hooks).toHaveProperty('SessionStart')
  await run(uninstall)
  expect(readFileSync(join(home, 'dotfile'), 'utf8')).toBe(OWN)
})

test('on a terminal no line of what changes is wider than it', async () => {
  const written: string[] = []
  const stdout = { write: (text: string) => written.push(text), isTTY: true, columns: 60 }
  io = memoryIo({ env: { HOME: home, PATH: '' }, cwd: home, stdout })
  await run(install, { dryRun: true })
  const [, ...lines] = written.join('').split('\n')
  const widths = lines.map(({ length }) => length)
  expect(Math.max(...widths)).toBe(60)
})

describe('Codex', () => {
  const OWN_HOOKS = '{ "hooks": {"Stop": [{"hooks":[{"type":"command","command":"say done"}]}]}}'
  const EVENTS = ['SessionStart', 'SubagentStart', 'SessionEnd', 'UserPromptSubmit', 'SubagentStop', 'PostCompact']
  const hooksPath = (): string => join(home, '.codex/hooks.json')
  const codex = (command: typeof install, more: object = {}): Promise<number> =>
    run(command, { action: 'codex', ...more })

  function writeHooks(text: string): void {
    mkdirSync(dirname(hooksPath()), { recursive: true })
    writeFileSync(hooksPath(), text)
  }

  /** As npm installs it: a launcher in the path, and the program in a package beside it. */
  function codexThatKnows(names: readonly string[]): void {
    const scope = join(home, 'lib/@openai')
    const program = join(scope, 'codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin')
    for (const folder of [join(scope, 'codex/bin'), program, join(home, 'bin')]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(scope, 'codex/bin/codex.js'), '#!/usr/bin/env node', { mode: 0o755 })
    writeFileSync(join(program, 'codex'), names.map((name) => `"${name}"`).join(','), { mode: 0o755 })
    symlinkSync(join(scope, 'codex/bin/codex.js'), join(home, 'bin/codex'))
  }

  test('gets commands that say whose they are, behind what was there, and every byte back', async () => {
    codexThatKnows([...EVENTS, 'PostToolUse'])
    writeHooks(OWN_HOOKS)
    expect(await codex(install)).toBe(0)
    const { hooks } = JSON.parse(readFileSync(hooksPath(), 'utf8'))
    expect(Object.keys(hooks)).toEqual(['Stop', ...EVENTS])
    for (const event of EVENTS) {
      expect(hooks[event]).toEqual([{ hooks: [commandHook('http://127.0.0.1:4319/hooks?agent_type=codex')] }])
    }
    expect(io.written.out).toContain(hooksPath())
    expect(io.written.err).toContain('/hooks')
    const first = readFileSync(hooksPath(), 'utf8')
    await codex(install)
    expect(readFileSync(hooksPath(), 'utf8')).toBe(first)
    expect(await codex(uninstall)).toBe(0)
    expect(readFileSync(hooksPath(), 'utf8')).toBe(OWN_HOOKS)
    expect(existsSync(join(home, 'state/.agentperf/install'))).toBe(false)
  })

  test('without hooks before there are none after, and Claude Code keeps its own', async () => {
    await codex(install)
    await run(install)
    expect(Object.keys(JSON.parse(readFileSync(hooksPath(), 'utf8')).hooks)).toEqual([
      'SessionStart',
      'UserPromptSubmit',
    ])
    expect(await codex(uninstall)).toBe(0)
    expect(existsSync(join(home, '.codex'))).toBe(false)
    expect(settings().hooks).toHaveProperty('SessionStart')
    await run(uninstall)
    expect(readdirSync(home)).toEqual(['state'])
  })

  test('has a place of its own for each scope, and for another home', async () => {
    await codex(install, { scope: 'project' })
    expect(existsSync(join(home, 'project/.codex/hooks.json'))).toBe(true)
    io = memoryIo({ env: { HOME: home, CODEX_HOME: join(home, 'elsewhere') }, cwd: home })
    await codex(install)
    expect(existsSync(join(home, 'elsewhere/hooks.json'))).toBe(true)
  })

  test('--dry-run writes nothing', async () => {
    writeHooks(OWN_HOOKS)
    await codex(install, { dryRun: true })
    expect(io.written.err).toContain('Nothing was written: 2 hooks would be added')
    expect(readFileSync(hooksPath(), 'utf8')).toBe(OWN_HOOKS)
  })
})

describe('the command of a hook', () => {
  const EVENT = '{"hook_event_name":"SessionStart","session_id":"s1"}'
  const JSON_ANSWER = '{"hookSpecificOutput":{"additionalContext":"it\'s \\"x\\""}}'

  const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  const HALF_ANSWER = '{"hookSpecificOutput":{"additionalContext":"half of'

  test.for<[name: string, tools: 'curl' | 'node', status: number, answer: string, printed: string]>([
    ['prints the answer', 'curl', 200, JSON_ANSWER, JSON_ANSWER],
    ['prints the answer without curl', 'node', 200, JSON_ANSWER, JSON_ANSWER],
    ['prints no error of a server', 'curl', 500, '{"error":"x"}', ''],
    ['prints no error of a server without curl', 'node', 500, '{"error":"x"}', ''],
    ['prints nothing that is no JSON', 'curl', 200, '<html>another server</html>', ''],
    ['prints nothing that is half an answer', 'curl', 200, HALF_ANSWER, ''],
    ['prints nothing that is half an answer without curl', 'node', 200, HALF_ANSWER, ''],
    ['prints no garbage', 'curl', 200, '{ this is garbage', ''],
    ['prints no garbage without curl', 'node', 200, '{ this is garbage', ''],
  ])('%s', async ([, tools, status, answer, printed]) => {
    const seen: { body: string; workflow: unknown }[] = []
    const url = await serve((body, workflow) => {
      seen.push({ body, workflow })
      return { status, answer }
    })
    expect(await shell(commandHook(url), tools)).toEqual({ code: 0, out: printed, err: '' })
    expect(seen).toEqual([{ body: EVENT, workflow: 'w-1' }])
  })

  test.for<'curl' | 'node'>(['curl', 'node'])('ends well when nobody listens (%s)', async (tools) => {
    expect(await shell(commandHook('http://127.0.0.1:9/hooks'), tools)).toEqual({ code: 0, out: '', err: '' })
  })

  test.for<[name: string, garbage: (socket: Socket) => void]>([
    ['is no HTTP', (socket) => socket.end('\0\x01\xff{"a":1}\r\n\r\n')],
    ['ends at once', (socket) => socket.destroy()],
    ['never ends', (socket) => endless(socket)],
    ['hangs in the middle', (socket) => socket.write(`${CHUNKED}2f\r\n${HALF_ANSWER}\r\n`)],
    ['hangs after what looks whole', (socket) => socket.write(`${CHUNKED}2\r\n{}\r\n`)],
    ['is shorter than it says', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a":1}')],
    ['holds bytes that are no text', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\0\xff\0')],
  ])('prints nothing of an answer that %s', async ([, garbage]) => {
    for (const tools of ['curl', 'node'] as const) {
      const url = await listenRaw(garbage)
      expect(await shell(commandHook(url), tools)).toEqual({ code: 0, out: '', err: '' })
    }
  })

  test.for<'curl' | 'node'>(['curl', 'node'])('gives up on a server that hangs (%s)', async (tools) => {
    const url = await serve(() => undefined)
    expect(await shell(commandHook(url), tools)).toEqual({ code: 0, out: '', err: '' })
  })

  test.for<[name: string, tools: 'curl' | 'node', variable: string, more: object]>([
    ['http_proxy', 'curl', 'http_proxy', {}],
    ['ALL_PROXY', 'curl', 'ALL_PROXY', {}],
    ['http_proxy and a no_proxy of others', 'curl', 'http_proxy', { no_proxy: 'example.com' }],
    ['HTTP_PROXY in Node', 'node', 'HTTP_PROXY', { NODE_USE_ENV_PROXY: '1', NO_PROXY: 'example.com' }],
    ['http_proxy by options of Node', 'node', 'http_proxy', { NODE_OPTIONS: '--use-env-proxy', no_proxy: 'a.example' }],
  ])('takes no proxy: %s', async ([, tools, variable, more]) => {
    let proxied = 0
    const proxy = await serve(() => {
      proxied += 1
      return { status: 200, answer: '{"from":"proxy"}' }
    })
    const url = await serve(() => ({ status: 200, answer: JSON_ANSWER }))
    const printed = await shell(commandHook(url), tools, { [variable]: proxy.replace('/hooks', ''), ...more })
    expect(printed).toEqual({ code: 0, out: JSON_ANSWER, err: '' })
    expect(proxied).toBe(0)
  })

  test.for(['include', 'output = /dev/null', 'proxy = http://127.0.0.1:9'])('heeds no .curlrc: %s', async (setting) => {
    writeFileSync(join(home, '.curlrc'), `${setting}\n`)
    const url = await serve(() => ({ status: 200, answer: JSON_ANSWER }))
    expect(await shell(commandHook(url), 'curl')).toEqual({ code: 0, out: JSON_ANSWER, err: '' })
  })

  test.for<'curl' | 'node'>(['curl', 'node'])('sends a long event as it is (%s)', async (tools) => {
    const event = `{"prompt":"${'ä€😀'.repeat(50_000)}"}`
    const bodies: string[] = []
    const url = await serve((body) => {
      bodies.push(body)
      return { status: 200, answer: '{}' }
    })
    expect(await shell(commandHook(url), tools, {}, event)).toEqual({ code: 0, out: '{}', err: '' })
    expect(bodies[0] === event).toBe(true)
  })

  async function listenRaw(garbage: (socket: Socket) => void): Promise<string> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => garbage(socket))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  }

  function endless(socket: Socket): void {
    socket.write(CHUNKED)
    const timer = setInterval(() => socket.write('5\r\n<p>..\r\n'), 10)
    socket.once('close', () => clearInterval(timer))
  }

  type Respond = (body: string, workflow: unknown) => { status: number; answer: string } | undefined

  async function serve(respond: Respond): Promise<string> {
    const server: Server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      request.on('end', () => {
        const answered = respond(body, request.headers['x-oak-workflow-id'])
        if (answered !== undefined) response.writeHead(answered.status).end(answered.answer)
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  }

  /** As Claude Code runs it: by a shell, the event on standard input. */
  function shell(hook: ReturnType<typeof commandHook>, tools: 'curl' | 'node', more: object = {}, event = EVENT) {
    const command = hook.type === 'command' ? hook.command : ''
    const bin = join(home, 'tools')
    mkdirSync(bin, { recursive: true })
    if (tools === 'node') symlinkSync(process.execPath, join(bin, 'node'))
    const path = tools === 'node' ? bin : process.env.PATH
    return new Promise((done) => {
      const child = execFile(
        '/bin/sh',
        ['-c', command],
        { env: { HOME: home, PATH: path, OAK_WORKFLOW_ID: 'w-1', ...more } },
        (error, out, err) => {
          done({ code: error === null ? 0 : error.code, out, err })
        },
      )
      child.stdin?.end(event)
    })
  }
})
