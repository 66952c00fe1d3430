import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvironmentError } from '#src/errors.ts'
import { type SegmentExtent, SessionLog } from './session-log.ts'
import { LoggedSessionStates } from './session-states.ts'
import type { SessionMeta, StateCodec } from './store.ts'

const SEED = 20261120
const TINY = { flushBytes: 64, minGarbageBytes: 256 }

interface State {
  meta: SessionMeta
  text: string
  revision: number
}

const codec: StateCodec<State> = {
  encode: (state) => JSON.stringify(state),
  decode: (text) => JSON.parse(text),
  meta: (state) => state.meta,
  close(state, revision) {
    state.meta = { ...state.meta, phase: 'closed' }
    state.revision = revision
  },
}

const metaOf = (number: number): SessionMeta => ({
  phase: (['open', 'closing', 'closed'] as const)[number % 3] ?? 'open',
  startMs: number,
  endMs: 2 * number + 0.5,
  endSignalled: number % 2 === 0,
})
const stateOf = (number: number, text = `größe ${number}`): State => ({ meta: metaOf(number), text, revision: 0 })

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentperf-states-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const statesIn = (log: SessionLog, hotLimit: number, set = 'set') => new LoggedSessionStates(set, codec, log, hotLimit)

type Step =
  | { readonly do: 'create' | 'get' | 'delete'; readonly id: number }
  | { readonly do: 'close'; readonly id: number; readonly revision: number }
  | { readonly do: 'change'; readonly id: number; readonly text: string }
  | { readonly do: 'save' | 'restart' | 'list' }

const id = fc.nat(12)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), id, text: fc.string({ maxLength: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...(['create', 'get', 'delete'] as const)), id }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('close' as const), id, revision: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('save' as const, 'restart' as const, 'list' as const) }) },
  ),
  { maxLength: 150, size: 'max' },
)

/** What survives a restart is what the last cut had, as with a checkpoint. */
class Restartable {
  readonly #sizes = TINY
  #log = SessionLog.empty(directory, TINY)
  #cut: readonly SegmentExtent[] = []
  #saved = new Map<string, State>()
  model = new Map<string, State>()
  states = statesIn(this.#log, 2)

  save(): void {
    this.states.save()
    const { segments, retired } = this.#log.cut()
    this.#log.drop(retired)
    this.#cut = segments
    this.#saved = structuredClone(this.model)
  }

  restart(): void {
    this.#log.close()
    const log = SessionLog.restore(directory, this.#cut, this.#sizes)
    if (log === undefined) throw new Error('The log could not be restored.')
    this.#log = log
    this.model = structuredClone(this.#saved)
    this.states = statesIn(log, 2)
  }

  close(): void {
    this.#log.close()
  }
}

test('with two sessions in memory and tiny segments it does what a map does, across restarts', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const run = new Restartable()
      for (const step of all) take(step, run)
      expectSame(run)
      run.close()
    }),
    { seed: SEED, numRuns: 150 },
  )
})

function take(step: Step, run: Restartable): void {
  switch (step.do) {
    case 'save':
      return run.save()
    case 'restart':
      return run.restart()
    case 'list':
      return expectSame(run)
    case 'create':
      run.model.set(`s${step.id}`, stateOf(step.id))
      run.states.create(`s${step.id}`, stateOf(step.id))
      return
    case 'get':
      return expect(run.states.get(`s${step.id}`)?.state).toEqual(run.model.get(`s${step.id}`))
    case 'delete':
      run.model.delete(`s${step.id}`)
      return run.states.delete(`s${step.id}`)
    case 'close': {
      const state = run.model.get(`s${step.id}`)
      if (state !== undefined) codec.close(state, step.revision)
      return run.states.close(`s${step.id}`, step.revision)
    }
    case 'change':
      return change(step.id, step.text, run)
  }
}

function change(number: number, text: string, { model, states }: Restartable): void {
  const expected = model.get(`s${number}`)
  const entry = states.get(`s${number}`)
  expect(entry === undefined).toBe(expected === undefined)
  if (entry === undefined || expected === undefined) return
  expected.text = text
  entry.state.text = text
  entry.dirty = true
}

function expectSame({ states, model }: Restartable): void {
  expect(states.size).toBe(model.size)
  expect(new Map(states.list())).toEqual(new Map([...model].map(([key, { meta }]) => [key, meta])))
  for (const [key, state] of model) expect(states.get(key)?.state).toEqual(state)
}

test('the least recently used quarter leaves memory', () => {
  const log = SessionLog.temporary()
  const decoded: string[] = []
  const decode = (text: string) => {
    const state = codec.decode(text)
    decoded.push(state.text)
    return state
  }
  const counting = { ...codec, decode }
  const states = new LoggedSessionStates('set', counting, log, 8)
  for (let number = 0; number < 8; number += 1) states.create(`s${number}`, stateOf(number))
  states.get('s0')
  states.create('s8', stateOf(8))
  for (const kept of ['s0', 's4', 's5', 's6', 's7', 's8']) states.get(kept)
  expect(decoded).toEqual([])
  states.get('s1')
  states.get('s2')
  expect(decoded).toEqual(['größe 1', 'größe 2'])
  log.close()
})

test('a clean session leaves memory without being written again', () => {
  const log = SessionLog.empty(directory)
  const states = statesIn(log, 2)
  for (let number = 0; number < 5; number += 1) states.create(`s${number}`, stateOf(number))
  states.save()
  const lengthBefore = log.cut().segments[0]?.length
  for (let round = 0; round < 20; round += 1) states.get(`s${round % 5}`)
  expect(log.cut().segments[0]?.length).toBe(lengthBefore)
  log.close()
})

test('a session that was closed unchanged is not written again', () => {
  const log = SessionLog.empty(directory)
  const states = statesIn(log, 2)
  const large = stateOf(1, 'x'.repeat(10_000))
  states.create('a', large)
  states.save()
  const lengthBefore = log.cut().segments[0]?.length ?? 0
  states.close('a', 3)
  expect((log.cut().segments[0]?.length ?? 0) - lengthBefore).toBeLessThan(100)
  expect(states.get('a')?.state).toEqual({ ...large, meta: { ...large.meta, phase: 'closed' }, revision: 3 })
  log.close()
})

test('closings move with the sessions out of old segments', () => {
  const sizes = { flushBytes: 1024, minGarbageBytes: 10_000 }
  const log = SessionLog.empty(directory, sizes)
  const states = statesIn(log, 4)
  for (let number = 0; number < 20; number += 1) states.create(`s${number}`, stateOf(0, 'x'.repeat(100)))
  states.save()
  for (let number = 0; number < 20; number += 1) states.close(`s${number}`, number + 1)
  for (let round = 0; round < 300; round += 1) {
    states.create('other', stateOf(0, 'x'.repeat(100)))
    states.save()
    log.drop(log.cut().retired)
  }
  const { segments } = log.cut()
  log.close()
  expect(segments[0]?.segment).toBeGreaterThan(1)
  const restored = SessionLog.restore(directory, segments, sizes)
  if (restored === undefined) throw new Error('The log could not be restored.')
  const again = statesIn(restored, 4)
  for (const [id, { phase }] of again.list()) expect(phase, id).toBe(id === 'other' ? 'open' : 'closed')
  for (let number = 0; number < 20; number += 1) expect(again.get(`s${number}`)?.state.revision).toBe(number + 1)
  restored.close()
})

test('garbage does not pile up: old segments are emptied and removed', () => {
  const log = SessionLog.empty(directory, { flushBytes: 1024, minGarbageBytes: 10_000 })
  const states = statesIn(log, 4)
  for (let round = 0; round < 3000; round += 1) {
    states.create(`s${round % 20}`, stateOf(round, 'x'.repeat(100)))
    if (round % 100 === 0) log.drop(log.cut().retired)
  }
  states.save()
  const { segments, retired } = log.cut()
  log.drop(retired)
  const onDisk = readdirSync(directory)
  expect(onDisk.length).toBe(segments.length)
  expect(segments.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(60_000)
  expect(segments.at(-1)?.segment).toBeGreaterThan(10)
  for (let number = 2980; number < 3000; number += 1)
    expect(states.get(`s${number % 20}`)?.state.meta.startMs).toBe(number)
  log.close()
})

test('sets do not mix', () => {
  const log = SessionLog.temporary(TINY)
  const [first, second] = [statesIn(log, 1, 'first'), statesIn(log, 1, 'second')]
  for (let number = 0; number < 9; number += 1) {
    first.create(`s${number}`, stateOf(number, 'first'))
    second.create(`s${number}`, stateOf(number, 'second'))
  }
  first.delete('s3')
  expect([first.get('s2')?.state.text, second.get('s2')?.state.text, second.get('s3')?.state.text]).toEqual([
    'first',
    'second',
    'second',
  ])
  expect([first.size, second.size, first.get('s3')]).toEqual([8, 9, undefined])
  log.close()
})

test('what was written after the cut is gone after a crash, at whatever byte it was torn', () => {
  const log = SessionLog.empty(directory)
  const states = statesIn(log, 8)
  states.create('a', stateOf(1))
  states.create('b', stateOf(2))
  states.save()
  const { segments } = log.cut()
  const valid = segments[0]?.length ?? 0
  states.create('a', stateOf(3))
  states.delete('b')
  states.save()
  log.cut()
  log.close()
  const path = join(directory, 'sessions-1.log')
  const whole = readFileSync(path)
  for (let length = valid; length <= whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length))
    const restored = SessionLog.restore(directory, segments)
    const again = restored === undefined ? undefined : statesIn(restored, 8)
    expect([again?.get('a')?.state, again?.get('b')?.state]).toEqual([stateOf(1), stateOf(2)])
    restored?.close()
    expect(readFileSync(path).length).toBe(valid)
  }
})

test('a log that lost a part of what the checkpoint counts on is not used', () => {
  const log = SessionLog.empty(directory)
  const states = statesIn(log, 8)
  for (let number = 0; number < 3; number += 1) states.create(`s${number}`, stateOf(number))
  states.save()
  const { segments } = log.cut()
  log.close()
  const path = join(directory, 'sessions-1.log')
  const whole = readFileSync(path)
  for (let length = 0; length < whole.length; length += 1) {
    truncateSync(path, length)
    expect(SessionLog.restore(directory, segments), `${length} bytes`).toBeUndefined()
    writeFileSync(path, whole)
  }
  expect(SessionLog.restore(directory, [{ segment: 1, length: whole.length - 1 }])).toBeUndefined()
})

test('a damaged body is an error that names file and byte, and other sessions are not affected', () => {
  const log = SessionLog.empty(directory)
  const states = statesIn(log, 8)
  states.create('a', stateOf(1, 'MARK'))
  states.create('b', stateOf(2))
  states.save()
  const { segments } = log.cut()
  log.close()
  const path = join(directory, 'sessions-1.log')
  const bytes = readFileSync(path)
  bytes.write('DARK', bytes.indexOf('MARK'))
  writeFileSync(path, bytes)
  const restored = SessionLog.restore(directory, segments)
  const again = restored === undefined ? undefined : statesIn(restored, 8)
  expect(() => again?.get('a')).toThrow(EnvironmentError)
  expect(() => again?.get('a')).toThrow('sessions-1.log, byte 0')
  expect(again?.get('b')?.state).toEqual(stateOf(2))
  restored?.close()
})

test('a temporary log leaves nothing on disk', () => {
  const named = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`.agentperf-${process.pid}-`))
  const log = SessionLog.temporary(TINY)
  const states = statesIn(log, 1)
  for (let number = 0; number < 50; number += 1) states.create(`s${number}`, stateOf(number, 'x'.repeat(100)))
  expect(states.get('s0')?.state.meta.startMs).toBe(0)
  expect(named()).toEqual([])
  log.close()
})

test('segments that no checkpoint names are removed at opening', () => {
  writeFileSync(join(directory, 'sessions-7.log'), 'left over')
  writeFileSync(join(directory, 'other.log'), '')
  SessionLog.empty(directory).close()
  expect(readdirSync(directory)).toEqual(['other.log'])
})
