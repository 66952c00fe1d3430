import type { Sender } from '#src/delivery/delivery.ts'
import type { Config } from './config.ts'

/** What sends requests; `undefined` when the exporter is off. Its libraries are loaded here. */
export async function openSender(config: Config): Promise<Sender | undefined> {
  const { endpoint, protocol, headers, timeout, compression } = config
  if (!endpoint) return undefined
  const target = { endpoint, headers, timeoutMs: timeout }
  if (protocol === 'grpc') {
    const { GrpcSender } = await import('#src/delivery/grpc-sender.ts')
    return new GrpcSender({ ...target, compression })
  }
  const { HttpSender } = await import('#src/delivery/http-sender.ts')
  return new HttpSender(target)
}
