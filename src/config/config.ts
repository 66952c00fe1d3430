import type { ExporterFactory, Factory, ProcessorFactory, ReceiverFactory } from '#src/component.ts'
import type { ConfigIssue } from '#src/errors.ts'
import type { MapNode } from './node.ts'
import type { ServiceConfig } from './service-schema.ts'

/** One entry under `receivers`, `processors` or `exporters`, with its factory and its validated config. */
export interface ConfiguredComponent<F extends Factory = Factory> {
  /** `type` or `type/name`. */
  readonly id: string
  readonly type: string
  readonly name?: string
  readonly factory: F
  /** What the factory's schema made of the body. */
  readonly config: unknown
}

/** One entry under `service.pipelines`: ids in the order of the file. */
export interface PipelineConfig {
  readonly name: string
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

/** A configuration without problems. */
export interface LoadedConfig {
  readonly receivers: ReadonlyMap<string, ConfiguredComponent<ReceiverFactory>>
  readonly processors: ReadonlyMap<string, ConfiguredComponent<ProcessorFactory>>
  readonly exporters: ReadonlyMap<string, ConfiguredComponent<ExporterFactory>>
  /** At least one, in the order of the file. */
  readonly pipelines: readonly PipelineConfig[]
  readonly service: ServiceConfig
  /** Everything after merging and expansion, located; values from the environment are marked. */
  readonly effective: MapNode
  /** What is allowed but probably not meant, as a component that no pipeline uses. */
  readonly warnings: readonly ConfigIssue[]
}

/** Text of one configuration file. */
export interface ConfigSource {
  /** As the user named it: issues say it. */
  readonly file: string
  readonly text: string
}

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>
