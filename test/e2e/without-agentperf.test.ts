import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { LoopHome } from './loop-home.ts'

const AGENT = 'reviewer'
const COMMAND = { name: 'Bash', input: { command: 'echo hello', description: 'Greet' } }
const SCRIPTS = { short: [{ say: 'A command.', call: [COMMAND] }, { say: 'All done.' }] }

test.for<readonly [name: string, answer: ((socket: Socket) => void) | undefined]>([
  ['is not there', undefined],
  ['never answers', () => {}],
  ['answers garbage', (socket) => socket.end('\0\x01\xff{"decision":"block"}\r\n\r\n')],
  ['answers what is no JSON', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"broken"')],
  ['answers with an error', (socket) => socket.end('HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}')],
])(
  'the real client finishes its work where agentperf was installed and %s',
  { timeout: 120_000 },
  async ([, answer]) => {
    const loop = await LoopHome.start({
      scripts: SCRIPTS,
      settings: '{"permissions": {"allow": ["Bash"]}}',
      agent: { name: AGENT, text: `---\nname: ${AGENT}\ndescription: Reviews changes\n---\n\nYou review.\n` },
      seeded: [],
      sets: [],
    })
    await loop.command('install', 'claude-code')
    await loop.stop()
    if (answer !== undefined) for (const port of loop.ports) await listen(port, answer)
    const result = await loop.prompt('[script:short] Be short.')
    expect(result).toMatchObject({ is_error: false, result: 'All done.' })
  },
)

/** Something else at a port of agentperf's. */
async function listen(port: number, answer: (socket: Socket) => void): Promise<void> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}
