import type { ReceiverFactory } from '#src/component.ts'
import { FollowedFiles } from '#src/follow/followed-files.ts'
import { type Config, configSchema } from './config.ts'
import { TranscriptIntake } from './transcript-intake.ts'

/** Reads the transcripts that Claude Code and Codex keep of their sessions, and follows them. */
export const transcripts: ReceiverFactory<Config, 'telemetry'> = {
  kind: 'receiver',
  type: 'transcripts',
  stability: 'beta',
  description: 'Reads the transcripts that Claude Code and Codex keep of their sessions, and follows them.',
  produces: 'telemetry',
  configSchema,
  create: (config, context, next) => new FollowedFiles(config, context, new TranscriptIntake(context, next)),
}
