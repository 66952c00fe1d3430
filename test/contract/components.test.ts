import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Component, Consumer, Context, Factory, Next, ReceiverFactory, Signal } from '#src/component.ts'
import { components } from '#src/components.ts'
import { Accounting, unaccounted } from '#src/service/accounting.ts'
import { InputProgress } from '#src/service/input-progress.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { SAMPLES } from './samples.ts'

const root = resolve(import.meta.dirname, '../..')
const FOLDERS = { receiver: 'receivers', processor: 'processors', exporter: 'exporters' } as const
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const NOW_MS = Date.UTC(2026, 1, 12, 19, 0)

/** Of receivers that listen: another process may have their default port. */
const FREE_PORTS: Readonly<Record<string, object>> = {
  claude_hooks: { endpoint: '127.0.0.1:0' },
  otlp: { protocols: { http: { endpoint: '127.0.0.1:0' }, grpc: { endpoint: '127.0.0.1:0' } } },
}

let directory: string
let store: OpenStore
let accounting: Accounting

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentperf-contract-'))
  store = await openStore({ directory, mode: 'write', nowMs: () => NOW_MS })
  accounting = new Accounting()
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

function contextFor(id: string): Context {
  const progress = new InputProgress()
  return {
    id,
    log: SILENT,
    now: () => NOW_MS,
    items: accounting.itemsOf(id),
    progress: progress.of(id),
    store,
    decisions: { answerHook: () => ({ body: {}, events: [] }), nameAgentTypes() {}, tellAlarms() {} },
  }
}

const received: unknown[] = []
const accept: Next<Signal> = async (batch) => {
  received.push(...batch)
}

function create(factory: Factory): Component {
  return factory.kind === 'receiver'
    ? factory.create(factory.configSchema.parse(FREE_PORTS[factory.type] ?? {}), contextFor(factory.type), accept)
    : createConsumer(factory)
}

function createConsumer(factory: Exclude<Factory, ReceiverFactory>, next: Next<Signal> = accept): Consumer<Signal> {
  const config = factory.configSchema.parse({})
  const context = contextFor(factory.type)
  return factory.kind === 'exporter' ? factory.create(config, context) : factory.create(config, context, next)
}

function keysOf(factory: Factory): [name: string, schema: Record<string, unknown>][] {
  const schema = z.toJSONSchema(factory.configSchema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(schema.properties ?? {}) as [string, Record<string, unknown>][]
}

describe.each(components.map((factory) => ({ name: `${factory.kind} ${factory.type}`, factory })))(
  '$name',
  ({ factory }) => {
    const readme = readFileSync(join(root, FOLDERS[factory.kind], factory.type, 'README.md'), 'utf8')

    test('has a type that can stand in pipelines.yaml and a sentence about itself', () => {
      expect(factory.type).toMatch(/^[a-z][0-9a-z_]{0,62}$/)
      expect(factory.description).toMatch(/^[A-Z].*\.$/)
    })

    test('runs with an empty configuration and refuses a key that it does not know', () => {
      expect(factory.configSchema.safeParse({}).success).toBe(true)
      expect(factory.configSchema.safeParse({ no_such_key: 1 }).success).toBe(false)
    })

    test('describes every key, in the schema and in its README', () => {
      for (const [name, schema] of keysOf(factory)) {
        expect(schema.description, name).toBeTypeOf('string')
        expect(readme).toContain(`\`${name}\``)
      }
    })

    test('gives an example in its README', () => {
      expect(readme).toMatch(/```yaml\n(receivers|processors|exporters):/)
    })

    test('stops without having been started, and twice', async () => {
      const component = create(factory)
      await component.stop()
      await component.stop()
    })

    test('starts and stops, again as a fresh instance, and leaves nothing running', async () => {
      for (let round = 0; round < 2; round++) {
        const before = process.getActiveResourcesInfo().length
        const component = create(factory)
        await component.start()
        await component.stop()
        await settle(before)
        expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before)
      }
    })

    if (factory.kind !== 'receiver') {
      test('leaves what it consumes unchanged', async () => {
        const component = createConsumer(factory)
        await component.start()
        const sample = deepFreeze(structuredClone(SAMPLES[factory.consumes]))
        await expect(component.consume([sample])).resolves.toBeUndefined()
        await component.endOfInput?.()
        await component.stop()
      })

      test('accounts for everything that it received', async () => {
        const component = createConsumer(factory)
        await component.start()
        await component.consume([SAMPLES[factory.consumes], SAMPLES[factory.consumes]])
        await component.endOfInput?.()
        await component.stop()
        const account = accounting.components().get(factory.type)
        expect(account?.received).toBe(2)
        expect(account && unaccounted(account)).toBe(0)
      })
    }

    if (factory.kind === 'processor') {
      test('lets a refusal from downstream reach its caller', async () => {
        const component = createConsumer(factory, async () => {
          throw new Error('queue full')
        })
        await component.start()
        const sent = (async () => {
          await component.consume([SAMPLES[factory.consumes]])
          await component.endOfInput?.()
        })()
        await expect(sent).rejects.toThrow('queue full')
        await component.stop()
      })

      test('is silent after it was stopped', async () => {
        const component = createConsumer(factory)
        await component.start()
        await component.consume([SAMPLES[factory.consumes]])
        await component.stop()
        received.length = 0
        await sleep(30)
        expect(received).toEqual([])
      })
    }
  },
)

test('types are unique within their kind', () => {
  const names = components.map(({ kind, type }) => `${kind} ${type}`)
  expect(new Set(names).size).toBe(names.length)
})

/** Gives what was closed a moment to go: a file handle's last request, a socket. */
async function settle(resources: number): Promise<void> {
  for (let wait = 0; wait < 50 && process.getActiveResourcesInfo().length > resources; wait++) await sleep(10)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
