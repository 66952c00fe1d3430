import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Unavailable } from './unavailable.ts'

const run = promisify(execFile)

/** Root needs no user namespace; others get one if the system lets them. */
const NAMESPACES = [
  ['unshare', '--net'],
  ['unshare', '--user', '--map-root-user', '--net'],
]
const WITH_LOOPBACK = ['sh', '-c', 'ip link set lo up && exec "$@"', 'e2e']
const NEEDED = ['unshare', 'ip', 'curl']

/**
 * Nothing that the client says leaves the machine.
 *
 * @returns a command line before the one that is to run with loopback as its only network
 */
export async function isolation(): Promise<readonly string[]> {
  if (process.platform !== 'linux')
    throw new Unavailable(`it needs network namespaces, and this is ${process.platform}`)
  for (const tool of NEEDED) {
    if (!(await works(['sh', '-c', `command -v ${tool}`]))) throw new Unavailable(`it needs the command ${tool}`)
  }
  for (const namespace of NAMESPACES) {
    const prefix = [...namespace, ...WITH_LOOPBACK]
    if (await works([...prefix, 'true'])) return prefix
  }
  throw new Unavailable('no network namespace can be made here')
}

async function works([command = '', ...args]: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}
