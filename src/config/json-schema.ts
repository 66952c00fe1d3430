import * as z from 'zod'
import type { Factory, Kind, Registry } from '#src/component.ts'
import { SECTION_OF } from './components-section.ts'
import { serviceSchema } from './service-schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

// Any value may come from the environment, whatever the schema says about it.
const REFERENCE: JsonSchema = { type: 'string', pattern: '\\$\\{env:' }

/** The JSON Schema (draft-07) of pipelines.yaml with these component types, for editors. */
export function configJsonSchema(registry: Registry): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'pipelines.yaml of agentperf',
    type: 'object',
    properties: {
      receivers: section('receiver', registry, 'Where input comes from, by id: `type` or `type/name`.'),
      processors: section('processor', registry, 'What is done with it, by id: `type` or `type/name`.'),
      exporters: section('exporter', registry, 'Where results go, by id: `type` or `type/name`.'),
      service: serviceSection(),
    },
    additionalProperties: false,
  }
}

// A file that is merged over another one need not repeat the pipelines.
function serviceSection(): JsonSchema {
  const { required: _, ...schema } = toJsonSchema(serviceSchema, 'service')
  return { ...schema, description: 'What runs: the pipelines, and where state and logs go.' }
}

function section(kind: Kind, registry: Registry, description: string): JsonSchema {
  const bodies = registry
    .filter((factory) => factory.kind === kind)
    .map((factory) => [factory.type, body(factory)] as const)
  return {
    description,
    type: ['object', 'null'],
    properties: Object.fromEntries(bodies),
    patternProperties: Object.fromEntries(bodies.map(([type, schema]) => [`^${type}/\\S+$`, schema])),
    additionalProperties: false,
  }
}

function body({ kind, type, description, configSchema }: Factory): JsonSchema {
  const schema = toJsonSchema(configSchema, `${SECTION_OF[kind]}.${type}`)
  return { description, anyOf: [schema, { type: 'null' }] }
}

function toJsonSchema(schema: z.ZodType, where: string): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => allowReference(jsonSchema),
  })
  // References count from the root, where this schema will not be.
  if (JSON.stringify(converted).includes('"$ref"')) {
    throw new Error(`expected the schema of ${where} to be written out, got a recursive one`)
  }
  return converted
}

function allowReference(schema: JsonSchema): void {
  if (!isNarrow(schema)) return
  const { description, default: fallback, ...narrow } = schema
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [narrow, REFERENCE],
  })
}

function isNarrow({ type, pattern, format, enum: values, const: value }: JsonSchema): boolean {
  if (type === 'number' || type === 'integer' || type === 'boolean') return true
  return type === 'string' && [pattern, format, values, value].some((limit) => limit !== undefined)
}
