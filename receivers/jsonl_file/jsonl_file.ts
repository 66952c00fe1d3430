import type { ReceiverFactory } from '#src/component.ts'
import { FollowedFiles } from '#src/follow/followed-files.ts'
import { type Config, configSchema } from './config.ts'
import { LineIntake } from './line-intake.ts'

/** Reads telemetry files of hooks and OTLP JSON lines, and follows them. */
export const jsonlFile: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'jsonl_file',
  stability: 'beta',
  description: 'Reads telemetry files of hooks and OTLP JSON lines, and follows them.',
  produces: 'telemetry',
  configSchema,
  create(config, context, next) {
    return new FollowedFiles(config, context, new LineIntake({ context, next, maxBatchItems: config.batch_lines }))
  },
}
