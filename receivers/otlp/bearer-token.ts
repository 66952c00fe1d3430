import { createHash, timingSafeEqual } from 'node:crypto'

/** The token that senders must show. It is kept as a digest only. */
export class BearerToken {
  readonly #digest: Buffer

  constructor(token: string) {
    this.#digest = digestOf(token)
  }

  /** @param authorization the header of a request; how long this takes tells nothing of the token */
  fits(authorization: string | undefined): boolean {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    return given !== undefined && timingSafeEqual(digestOf(given), this.#digest)
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
