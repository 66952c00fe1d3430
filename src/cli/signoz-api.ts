import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { EnvironmentError } from '#src/errors.ts'
import { versionOf } from './signoz-version.ts'

const TIMEOUT_MS = 10_000
const POLL_MS = 1000
const MAX_MESSAGE_LENGTH = 300

/** With whose rights: a key of a service account, or a user's name and password. */
export type SignozLogin =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'password'; readonly email: string; readonly password: string }

interface Answer {
  readonly status: number
  /** `undefined` where it is no JSON, as a web page. */
  readonly body: unknown
}

const contextSchema = z.object({ data: z.object({ orgs: z.array(z.object({ id: z.string() })).nullish() }) })
const tokenSchema = z.object({ data: z.object({ accessToken: z.string() }) })
const errorSchema = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/** SigNoz's API, as its own page uses it. What fails is an EnvironmentError that says what to do; never with a secret. */
export class SignozApi {
  readonly #page: string
  #headers: Readonly<Record<string, string>> = {}

  private constructor(page: string) {
    this.#page = page
  }

  /** Waits until SigNoz is ready, and logs in. */
  static async open(page: string, login: SignozLogin, waitMs: number): Promise<SignozApi> {
    const api = new SignozApi(page)
    await api.#ready(waitMs)
    api.#headers =
      login.kind === 'key' ? { 'SIGNOZ-API-KEY': login.key } : { authorization: `Bearer ${await api.#token(login)}` }
    return api
  }

  /** @returns what the answer holds */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const { body } = await this.#ask('GET', path)
    const answer = schema.safeParse(body)
    if (answer.success) return answer.data
    throw new EnvironmentError(`GET ${path} of ${this.#page} does not answer as expected. ${await this.#versionHint()}`)
  }

  /** Creates or replaces something. */
  async send(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
    await this.#ask(method, path, body)
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#request(method, path, body)
    const { status } = answer
    if (status >= 200 && status < 300 && (answer.body !== undefined || status === 204)) return answer
    throw new EnvironmentError(`${method} ${path} of ${this.#page}: ${await this.#explain(answer)}`)
  }

  async #explain({ status, body }: Answer): Promise<string> {
    const said = messageOf(body)
    const text = `${status}${said === '' ? '' : ` (${said})`}`
    if (status === 401 || status === 403) {
      return `${text}. The login is wrong or may not do this: set SIGNOZ_API_KEY to the key of a service account with the role Editor.`
    }
    // A path that it does not know may be its page.
    if (status === 404 || status === 501 || (status < 300 && body === undefined)) {
      return `${status < 300 ? 'a web page' : text}. ${await this.#versionHint()}`
    }
    return `${text}.`
  }

  async #versionHint(): Promise<string> {
    const version = await versionOf(this.#page)
    const found = version === undefined ? 'it does not tell its version' : `it is SigNoz ${version.text}`
    return `Dashboards need SigNoz v0.126.1 or newer and alert rules v0.133 or newer; ${found}. Older ones can be updated; a newer one may want a newer agentperf.`
  }

  async #ready(waitMs: number): Promise<void> {
    const deadlineMs = performance.now() + waitMs
    for (;;) {
      const problem = await this.#notReady()
      if (problem === undefined) return
      if (performance.now() + POLL_MS > deadlineMs) {
        const message = `SigNoz at ${this.#page} is not ready after ${Math.round(waitMs / 1000)} s: ${problem}. Say where its page is with --url or SIGNOZ_URL.`
        throw new EnvironmentError(message)
      }
      await sleep(POLL_MS)
    }
  }

  /** @returns what is wrong, if anything */
  async #notReady(): Promise<string | undefined> {
    try {
      const { status } = await this.#request('GET', '/api/v2/readyz')
      // Old ones cannot say; they are told so by what comes next.
      return status < 300 || status === 404 ? undefined : `it answers ${status}`
    } catch (error) {
      return error instanceof EnvironmentError ? error.message : String(error)
    }
  }

  async #token({ email, password }: SignozLogin & { readonly kind: 'password' }): Promise<string> {
    const query = new URLSearchParams({ email, ref: this.#page })
    const { data } = await this.get(`/api/v2/sessions/context?${query}`, contextSchema)
    const [organisation] = data.orgs ?? []
    if (organisation === undefined) {
      throw new EnvironmentError(`SigNoz at ${this.#page} has no organisation with ${email}: sign up there first.`)
    }
    const body = { email, password, orgId: organisation.id }
    const answer = await this.#request('POST', '/api/v2/sessions/email_password', body)
    const token = tokenSchema.safeParse(answer.body)
    if (token.success) return token.data.data.accessToken
    throw new EnvironmentError(
      `SigNoz at ${this.#page} does not let ${email} in: ${answer.status} (${messageOf(answer.body)}).`,
    )
  }

  async #request(method: string, path: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(new URL(path, this.#page), {
        method,
        headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return { status: response.status, body: jsonOf(await response.text()) }
    } catch (error) {
      throw new EnvironmentError(`nothing answers (${reasonOf(error)})`)
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageOf(body: unknown): string {
  const parsed = errorSchema.safeParse(body)
  if (!parsed.success) return ''
  const { error } = parsed.data
  return (typeof error === 'string' ? error : error.message).slice(0, MAX_MESSAGE_LENGTH)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
