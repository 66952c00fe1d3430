import type { Config } from '#exporters/signoz/config.ts'
import { signoz } from '#exporters/signoz/signoz.ts'
import { targetOf } from '#exporters/signoz/target.ts'
import type { ExporterFactory } from '#src/component.ts'
import type { ConfiguredComponent, LoadedConfig } from '#src/config/config.ts'
import type { Target } from '#src/delivery/http-sender.ts'

type Exporter = ConfiguredComponent<ExporterFactory>

/** One exporter `signoz` of a configuration. */
export interface SignozExporter {
  readonly id: string
  readonly config: Config
  /** Absent when it is off. */
  readonly target: Target | undefined
}

export function signozExporters({ exporters }: LoadedConfig): readonly SignozExporter[] {
  return [...exporters.values()].filter(isSignoz).map(({ id, config }) => ({ id, config, target: targetOf(config) }))
}

/** Its factory's schema has checked the configuration. */
function isSignoz(exporter: Exporter): exporter is Exporter & { readonly config: Config } {
  return exporter.type === signoz.type
}
