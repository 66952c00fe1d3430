import { InvalidDataError } from '#src/errors.ts'

/** A request as it waits for delivery: its body is what goes over the wire, its other headers are added when it is sent. */
export interface OutgoingRequest {
  /** Below the exporter's endpoint, as `/v1/metrics`. */
  readonly path: string
  readonly contentType: string
  /** Absent when the body is not compressed. */
  readonly contentEncoding?: 'gzip'
  /** How many items of the other side's kind are in it: points, log records, spans. */
  readonly items: number
  readonly body: Uint8Array
}

/** Why the other side will never take a request. */
export interface Refusal {
  /** ISO 8601. */
  readonly at: string
  /** The HTTP status; absent where there was no answer. */
  readonly status?: number
  /** What the other side said, cut. */
  readonly message: string
}

export interface StoredRequest extends OutgoingRequest {
  /** ISO 8601. */
  readonly queuedAt: string
  readonly refusal?: Refusal
}

/** What a stored request is, without its body. */
export interface RequestHeader extends Omit<StoredRequest, 'body'> {
  readonly bodyBytes: number
}

/** No header takes more: a path, and a message that was cut. */
export const MAX_HEADER_BYTES = 65_536

const SCHEMA = 1
const NEWLINE = 10

/** A line of JSON that describes the request, then its body: as bytes of a file. */
export function encodeStoredRequest(request: StoredRequest): readonly Uint8Array[] {
  const { path, contentType, contentEncoding, items, queuedAt, refusal, body } = request
  const header = {
    schema: SCHEMA,
    path,
    content_type: contentType,
    content_encoding: contentEncoding,
    items,
    queued_at: queuedAt,
    body_bytes: body.length,
    refusal,
  }
  return [Buffer.from(`${JSON.stringify(header)}\n`), body]
}

/** @throws InvalidDataError when it is not what {@link encodeStoredRequest} made, or not all of it */
export function decodeStoredRequest(bytes: Buffer): StoredRequest {
  const { bodyBytes, ...header } = decodeRequestHeader(bytes, bytes.length)
  return { ...header, body: bytes.subarray(bytes.length - bodyBytes) }
}

/**
 * @param start of the file, {@link MAX_HEADER_BYTES} of it or all
 * @param fileBytes how long the file is
 * @throws InvalidDataError as {@link decodeStoredRequest} does
 */
export function decodeRequestHeader(start: Buffer, fileBytes: number): RequestHeader {
  const end = start.indexOf(NEWLINE)
  const header = headerOf(end < 0 ? '' : start.toString('utf8', 0, end))
  const bodyBytes = fileBytes - end - 1
  const { schema, path, content_type, content_encoding, items, queued_at, body_bytes, refusal } = header
  if (
    schema !== SCHEMA ||
    typeof path !== 'string' ||
    typeof content_type !== 'string' ||
    typeof items !== 'number' ||
    typeof queued_at !== 'string'
  ) {
    throw new InvalidDataError(`Expected a stored request of schema ${SCHEMA}, got another header.`)
  }
  if (body_bytes !== bodyBytes) {
    throw new InvalidDataError(`Expected a body of ${String(body_bytes)} bytes, got ${bodyBytes}.`)
  }
  const refused = refusalOf(refusal)
  return {
    path,
    contentType: content_type,
    ...(content_encoding === 'gzip' && { contentEncoding: content_encoding }),
    items,
    queuedAt: queued_at,
    ...(refused !== undefined && { refusal: refused }),
    bodyBytes,
  }
}

function headerOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch {
    // Said below, without the text.
  }
  throw new InvalidDataError('Expected a stored request, got a file without its header.')
}

function refusalOf(value: unknown): Refusal | undefined {
  if (typeof value !== 'object' || value === null || !('at' in value) || !('message' in value)) return undefined
  const status = 'status' in value && typeof value.status === 'number' ? value.status : undefined
  return { at: String(value.at), message: String(value.message), ...(status !== undefined && { status }) }
}
