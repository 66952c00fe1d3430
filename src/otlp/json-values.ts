import type { Attributes, AttributeValue } from '#src/model/telemetry.ts'
import { NO_ATTRIBUTES, setAttribute, type Table } from './attribute-table.ts'
import {
  DecodeFailure,
  each,
  type JsonRecord,
  nested,
  optionalBytes,
  optionalDouble,
  optionalFlag,
  optionalInt64,
  optionalRecord,
  optionalText,
  within,
} from './json-fields.ts'
import { MAX_DEPTH } from './value-limits.ts'

/** The attributes under a name as a plain object; the last of equal keys wins. */
export function readAttributes(record: JsonRecord, name: string): Attributes {
  const list = record[name]
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0)
    ? NO_ATTRIBUTES
    : keyValues(record, name, 1)
}

/** The value under a name. @returns `undefined` when it is absent; `null` when it is there and empty */
export function readValue(record: JsonRecord, name: string): AttributeValue | undefined {
  return nested(record, name, readTopValue)
}

function readTopValue(value: JsonRecord): AttributeValue {
  return anyValue(value, 1)
}

function keyValues(record: JsonRecord, name: string, depth: number): Table {
  const attributes: Table = {}
  each(record, name, (keyValue) => {
    const key = optionalText(keyValue, 'key') ?? ''
    const child = optionalRecord(keyValue, 'value')
    setAttribute(attributes, key, child === undefined ? null : valueAt('value', child, depth))
  })
  return attributes
}

function valueAt(place: string, value: JsonRecord, depth: number): AttributeValue {
  try {
    return anyValue(value, depth)
  } catch (error) {
    throw within(place, error)
  }
}

function anyValue(value: JsonRecord, depth: number): AttributeValue {
  return (
    optionalText(value, 'stringValue') ??
    optionalInt64(value, 'intValue') ??
    optionalFlag(value, 'boolValue') ??
    optionalDouble(value, 'doubleValue') ??
    optionalBytes(value, 'bytesValue') ??
    compoundValue(value, depth) ??
    null
  )
}

function compoundValue(value: JsonRecord, depth: number): AttributeValue | undefined {
  const list = optionalRecord(value, 'arrayValue')
  const map = list === undefined ? optionalRecord(value, 'kvlistValue') : undefined
  if (list === undefined && map === undefined) return undefined
  if (depth >= MAX_DEPTH) {
    const field = list === undefined ? 'kvlistValue' : 'arrayValue'
    throw new DecodeFailure(field, `at most ${MAX_DEPTH} levels of values`, 'more')
  }
  try {
    return list === undefined ? keyValues(map ?? {}, 'values', depth + 1) : listValues(list, depth + 1)
  } catch (error) {
    throw within(list === undefined ? 'kvlistValue' : 'arrayValue', error)
  }
}

function listValues(list: JsonRecord, depth: number): readonly AttributeValue[] {
  const values: AttributeValue[] = []
  each(list, 'values', (value) => {
    values.push(anyValue(value, depth))
  })
  return values
}
