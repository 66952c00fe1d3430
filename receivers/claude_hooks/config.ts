import * as z from 'zod'
import { allowedHosts, bodySize, endpoint } from '#src/config/listening.ts'

export const configSchema = z.strictObject({
  endpoint: endpoint('127.0.0.1:4319').describe('Where hook events are taken in: `POST /hooks`.'),
  allowed_hosts: allowedHosts(),
  max_body_size: bodySize('32MiB').describe('Larger events are dropped and counted.'),
  queue_size: bodySize('64MiB').describe(
    'Memory for events that are being received and that wait; what comes while it is full is dropped and counted.',
  ),
})

export type Config = z.infer<typeof configSchema>
