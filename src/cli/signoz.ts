import type { Io } from './io.ts'
import type { SignozOptions } from './options.ts'

/** The connection to SigNoz: looks whether it works, or sets up what is shown there. */
export async function run(options: SignozOptions, io: Io): Promise<number> {
  if (options.action === 'check') return (await import('./signoz-check.ts')).checkSignoz(options, io)
  return (await import('./signoz-provision.ts')).provisionSignoz(options, io)
}
