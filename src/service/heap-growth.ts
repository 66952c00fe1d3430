import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the process small: V8 would let its heap grow to several times what is in use. Telemetry is garbage as soon as its
 * batch was taken in, so a young generation that grows only takes memory; a heap that may only grow by half between collections,
 * instead of to several times its size, costs a few per cent of the time.
 *
 * Both flags are read whenever V8 decides about growth, so they also work in a running process. To be called when the program
 * has been loaded: until then what is allocated stays, and a heap that grows is faster; and compiled code that is kept from now
 * on would only fit a process with these flags.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=50')
}
