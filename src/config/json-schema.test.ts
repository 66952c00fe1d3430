import { expect, test } from 'vitest'
import * as z from 'zod'
import { configJsonSchema } from './json-schema.ts'
import { testRegistry } from './registry.fixture.ts'

test('an editor knows sections, ids, keys, defaults and words', () => {
  const schema = configJsonSchema(testRegistry)
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    additionalProperties: false,
    properties: {
      processors: {
        additionalProperties: false,
        properties: {
          group: {
            description: 'The test component group.',
            anyOf: [
              {
                properties: { idle_timeout: { default: '30m' }, max_open: { default: 10 } },
                additionalProperties: false,
              },
              { type: 'null' },
            ],
          },
        },
      },
      service: { properties: { pipelines: { description: expect.stringContaining('at least one') } } },
    },
  })
  const { properties } = z
    .strictObject({ properties: z.looseObject({ exporters: z.looseObject({ patternProperties: z.looseObject({}) }) }) })
    .parse({ properties: schema.properties })
  expect(Object.keys(properties.exporters.patternProperties)).toEqual(['^lines/\\S+$', '^push/\\S+$', '^raw/\\S+$'])
})

test('a narrow value may also come from the environment', () => {
  const schema = JSON.stringify(configJsonSchema(testRegistry))
  expect(schema).toContain(
    '"default":4318,"anyOf":[{"type":"integer","minimum":1,"maximum":65535},{"type":"string","pattern":"\\\\$\\\\{env:"}]',
  )
})

test('a recursive schema is refused by name', () => {
  interface Nested {
    inner?: Nested | undefined
  }
  const nested: z.ZodType<Nested> = z.lazy(() => z.strictObject({ inner: nested.optional() }))
  const [first] = testRegistry
  expect(() => configJsonSchema(first === undefined ? [] : [{ ...first, configSchema: nested }])).toThrow(
    'expected the schema of receivers.files to be written out, got a recursive one',
  )
})
