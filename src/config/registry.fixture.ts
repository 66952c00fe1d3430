import * as z from 'zod'
import type { ExporterFactory, ProcessorFactory, ReceiverFactory, Registry, Signal } from '#src/component.ts'
import { durationMs, sizeBytes } from './units.ts'

const nothing = { start: async () => {}, stop: async () => {} }

/** A small registry with one component of each kind and signal, whose schemas have one key of each sort. */
export const testRegistry: Registry = [
  receiver(
    'files',
    'telemetry',
    z.strictObject({ include: z.array(z.string()).min(1), max_line: sizeBytes({ default: '16MiB' }) }),
  ),
  receiver(
    'listen',
    'telemetry',
    z.strictObject({ port: z.int().min(1).max(65_535).default(4318), api_key: z.string().optional() }),
  ),
  processor(
    'group',
    'telemetry',
    'session',
    z.strictObject({ idle_timeout: durationMs({ default: '30m' }), max_open: z.int().positive().default(10) }),
  ),
  processor('measure', 'session', 'assessment', measureSchema()),
  processor('compare', 'assessment', 'assessment', z.strictObject({ alpha: z.number().gt(0).max(1).default(0.2) })),
  processor('mask', 'telemetry', 'telemetry', z.strictObject({})),
  exporter(
    'lines',
    'assessment',
    z.strictObject({ directory: z.string().optional(), headers: z.record(z.string(), z.string()).optional() }),
  ),
  exporter('push', 'assessment', z.strictObject({ endpoint: z.string(), timeout: durationMs().optional() })),
  exporter('raw', 'telemetry', z.strictObject({})),
]

function measureSchema() {
  return z
    .strictObject({
      definitions: z.enum(['standard', 'seed']).default('standard'),
      kpis: z
        .record(z.string(), z.strictObject({ target: z.number().optional(), expr: z.string().optional() }))
        .default({}),
      mode: z.union([z.literal('off'), z.strictObject({ level: z.string() })]).default('off'),
    })
    .refine(({ kpis }) => !('forbidden' in kpis), { path: ['kpis', 'forbidden'], error: 'is not a KPI' })
}

function receiver(type: string, produces: Signal, configSchema: z.ZodType): ReceiverFactory {
  return { ...base(type, configSchema), kind: 'receiver', produces, create: () => nothing }
}

function processor(type: string, consumes: Signal, produces: Signal, configSchema: z.ZodType): ProcessorFactory {
  return {
    ...base(type, configSchema),
    kind: 'processor',
    consumes,
    produces,
    create: () => ({ ...nothing, consume: async () => {} }),
  }
}

function exporter(type: string, consumes: Signal, configSchema: z.ZodType): ExporterFactory {
  return {
    ...base(type, configSchema),
    kind: 'exporter',
    consumes,
    create: () => ({ ...nothing, consume: async () => {} }),
  }
}

function base(type: string, configSchema: z.ZodType) {
  return { type, stability: 'development', description: `The test component ${type}.`, configSchema } as const
}
