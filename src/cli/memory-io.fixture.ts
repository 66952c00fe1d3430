import type { Io } from './io.ts'

/** An {@link Io} that keeps what is written. */
export interface MemoryIo extends Io {
  readonly written: { out: string; err: string }
}

export function memoryIo(overrides: Partial<Io> = {}): MemoryIo {
  const written = { out: '', err: '' }
  const keep = (stream: keyof typeof written) => ({
    write: (text: string) => {
      written[stream] += text
    },
  })
  return {
    stdout: keep('out'),
    stderr: keep('err'),
    env: { HOME: '/home/ada' },
    cwd: '/nowhere',
    nowMs: () => 0,
    ...overrides,
    written,
  }
}
