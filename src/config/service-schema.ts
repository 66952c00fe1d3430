import * as z from 'zod'
import { allowedHosts, HOST_AND_PORT } from './listening.ts'
import { optionalEndpoint } from './sending.ts'
import { durationMs } from './units.ts'

/** Where state lies unless the configuration says otherwise. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax
export const DEFAULT_DIRECTORY = '${env:AGENTPERF_HOME:-~/.claude/telemetry}'

const ids = (what: string) => z.array(z.string()).default([]).describe(what)

/** One entry under `service.pipelines`. */
export const pipelineSchema = z.strictObject({
  receivers: ids('Where input comes from: ids of receivers, at least one.'),
  processors: ids('What is done with it, in this order: ids of processors.'),
  exporters: ids('Where results go: ids of exporters, at least one.'),
})

/** The whole `service` section, as an editor sees it. */
export const serviceSchema = z.strictObject({
  storage: z
    .strictObject({
      directory: z
        .string()
        .min(1)
        .default(DEFAULT_DIRECTORY)
        .describe('Where ledgers, projections and state lie; `~/` is the home directory.'),
    })
    .prefault({})
    .describe('State on disk.'),
  telemetry: z
    .strictObject({
      logs: z
        .strictObject({
          level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least important level logged.'),
          format: z
            .enum(['pretty', 'json', 'auto'])
            .default('auto')
            .describe('How log lines look; auto: pretty on a terminal, json elsewhere.'),
        })
        .prefault({})
        .describe('agentperf’s own log.'),
      metrics: z
        .strictObject({
          endpoint: optionalEndpoint().describe(
            'Where agentperf’s own metrics are sent as OTLP over HTTP, without `/v1/metrics`. Empty: nowhere.',
          ),
          headers: z
            .record(z.string().regex(/^[\w-]+$/, 'expected the name of a header'), z.string())
            .default({})
            .describe('Added to each request, as `signoz-ingestion-key`.'),
          interval: durationMs({ default: '60s' })
            .refine((ms) => ms >= 1000, { error: 'expected a duration of at least 1s' })
            .describe('How often they are sent.'),
        })
        .prefault({})
        .describe('agentperf’s own metrics; Prometheus finds them at `/metrics` of `service.admin.endpoint`.'),
    })
    .prefault({})
    .describe('What agentperf tells about itself.'),
  admin: z
    .strictObject({
      endpoint: z
        .string()
        .refine((text) => text === '' || HOST_AND_PORT.test(text), 'expected host:port, as 127.0.0.1:13133, or nothing')
        .default('127.0.0.1:13133')
        .describe('Where health and counters are served; empty: nowhere.'),
      allowed_hosts: allowedHosts(),
    })
    .prefault({})
    .describe('Health and counters over HTTP.'),
  shutdown_timeout: durationMs({ default: '10s' }).describe('How long stopping may take.'),
  pipelines: z.record(z.string(), pipelineSchema).describe('What flows where: pipelines by name, at least one.'),
})

/** The section with its pipelines unread: they are read one by one, so that one mistake hides no other. */
export const serviceSettingsSchema = serviceSchema.extend({ pipelines: z.unknown().optional() })

/** The `service` section without its pipelines. `shutdown_timeout` is in milliseconds. */
export type ServiceConfig = Omit<z.infer<typeof serviceSchema>, 'pipelines'>
