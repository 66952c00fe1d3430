import type { Config as OtlpConfig } from '#exporters/otlp/config.ts'
import { otlp } from '#exporters/otlp/otlp.ts'
import { openSender } from '#exporters/otlp/sender.ts'
import type { ExporterFactory } from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig } from '#src/config/config.ts'
import type { Sender } from '#src/delivery/delivery.ts'
import { HttpSender } from '#src/delivery/http-sender.ts'
import { signozExporters } from './signoz-exporters.ts'

/** What sends requests for one exporter, and where to. */
export interface NetworkSender {
  readonly id: string
  readonly endpoint: string
  /** @returns `undefined` when the exporter is off */
  open(): Promise<Sender | undefined>
}

/** The exporters of a configuration that send requests over a network. */
export function networkSenders(config: LoadedConfig): readonly NetworkSender[] {
  const signoz = signozExporters(config).map(({ id, target }) => ({
    id,
    endpoint: target?.endpoint ?? '',
    open: async () => (target === undefined ? undefined : new HttpSender(target)),
  }))
  const passing = [...config.exporters.values()]
    .filter(isOtlp)
    .map(({ id, config: body }) => ({ id, endpoint: body.endpoint ?? '', open: () => openSender(body) }))
  return [...signoz, ...passing]
}

type Exporter = ConfiguredComponent<ExporterFactory>

/** Its factory's schema has checked the configuration. */
function isOtlp(exporter: Exporter): exporter is Exporter & { readonly config: OtlpConfig } {
  return exporter.type === otlp.type
}
