import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { EnvironmentError } from '#src/errors.ts'
import type { TlsConfig } from './config.ts'

/** What TLS needs, as PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  /** Who may have signed the certificates of senders; absent: senders need none. */
  readonly clientCa: Buffer | undefined
}

/**
 * Reads the files of a protocol's TLS and checks that they fit together.
 *
 * @param configPath where the user changes them, for the message
 * @throws EnvironmentError that names the file and what is wrong with it, never what it holds
 */
export async function readTlsFiles(config: TlsConfig, configPath: string): Promise<TlsFiles> {
  const read = async (key: keyof TlsConfig): Promise<Buffer | undefined> => {
    const path = config[key]
    if (path === undefined) return undefined
    return await readFile(path).catch((error: unknown) => {
      throw new EnvironmentError(`cannot read ${configPath}.${key} (${path}): ${codeOf(error)}`, { cause: error })
    })
  }
  const [cert = Buffer.alloc(0), key = Buffer.alloc(0), clientCa] = [
    await read('cert_file'),
    await read('key_file'),
    await read('client_ca_file'),
  ]
  check(() => createSecureContext({ cert }), `${configPath}.cert_file is no certificate in PEM (${config.cert_file})`)
  check(() => createSecureContext({ key }), `${configPath}.key_file is no private key in PEM (${config.key_file})`)
  check(
    () => createSecureContext({ cert, key }),
    `${configPath}: the key in ${config.key_file} is not that of the certificate`,
  )
  if (clientCa !== undefined && !clientCa.includes('-----BEGIN CERTIFICATE-----')) {
    throw new EnvironmentError(`${configPath}.client_ca_file holds no certificate in PEM (${config.client_ca_file})`)
  }
  return { cert, key, clientCa }
}

function check(use: () => unknown, message: string): void {
  try {
    use()
  } catch (error) {
    throw new EnvironmentError(`${message}: ${codeOf(error)}`, { cause: error })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
