import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import * as z from 'zod'
import { type Dashboard, dashboardSchema } from '../../scripts/signoz/dashboard-schema.ts'
import { ruleSchema } from '../../scripts/signoz/rule-schema.ts'

interface Stored<Body> {
  readonly id: string
  locked: boolean
  body: Body
}

const loginSchema = z.object({ email: z.string(), password: z.string(), orgId: z.string() })

const KEY = 'key-1'
const TOKEN = 'token-1'
const EMAIL = 'ada@example.com'
const PASSWORD = 'correct horse'
const MAX_PAGE = 200

/** SigNoz's API as far as it is used: its paths, logins, answers and refusals. */
export class FakeSignozApi {
  static readonly key = KEY
  static readonly email = EMAIL
  static readonly password = PASSWORD

  version = 'v0.138.0'
  /** How often it is not ready yet. */
  startsFor = 0
  /** Paths that it does not have: what it answers there. */
  readonly lacks = new Map<string, 'its page' | 404 | 501>()
  readonly channels: string[] = ['team']
  readonly dashboards: Stored<Dashboard>[] = []
  readonly rules: Stored<z.infer<typeof ruleSchema>>[] = []
  /** Method and path of what changed something. */
  readonly changes: string[] = []
  #server: Server | undefined
  #port = 0
  #ids = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => this.#answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    onTestFinished(() => this.stop())
    return this
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined))
    this.#server = undefined
  }

  addDashboard(body: Dashboard, locked = false): void {
    this.#ids += 1
    this.dashboards.push({ id: `00000000-${this.#ids}`, locked, body })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { pathname, searchParams } = new URL(request.url ?? '', this.url)
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
    const lacking = this.lacks.get(pathname)
    if (lacking === 'its page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>SigNoz</title>')
      return
    }
    const [status, data] =
      lacking === undefined
        ? this.#route(request, pathname, searchParams, body)
        : ([lacking, problem(lacking === 501 ? 'dashboard_deprecated' : 'not found')] as const)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(data))
  }

  #route(
    { method = 'GET', headers }: IncomingMessage,
    path: string,
    query: URLSearchParams,
    body: unknown,
  ): readonly [number, unknown] {
    if (path === '/api/v1/version') return [200, { version: this.version, ee: 'N', setupCompleted: true }]
    if (path === '/api/v2/readyz') {
      this.startsFor -= 1
      return this.startsFor < 0 ? [200, ok({})] : [503, problem('not ready')]
    }
    if (path === '/api/v2/sessions/context') {
      return [200, ok({ exists: true, orgs: query.get('email') === EMAIL ? [{ id: 'org-1', name: 'default' }] : [] })]
    }
    if (path === '/api/v2/sessions/email_password') {
      const { email, password, orgId } = loginSchema.parse(body)
      const right = email === EMAIL && password === PASSWORD && orgId === 'org-1'
      return right ? [200, ok({ accessToken: TOKEN })] : [401, problem('invalid email or password')]
    }
    if (headers['signoz-api-key'] !== KEY && headers.authorization !== `Bearer ${TOKEN}`)
      return [401, problem('unauthenticated')]
    if (method !== 'GET') this.changes.push(`${method} ${path}`)
    if (path === '/api/v1/channels')
      return [200, ok(this.channels.map((name) => ({ id: name, name, type: 'webhook' })))]
    const [, kind, id] = /^\/api\/v2\/(dashboards|rules)(?:\/(.+))?$/.exec(path) ?? []
    if (kind === 'dashboards') return this.#dashboards(method, id, query, body)
    if (kind === 'rules') return this.#rules(method, id, body)
    return [404, problem('no such path')]
  }

  #dashboards(
    method: string,
    id: string | undefined,
    query: URLSearchParams,
    body: unknown,
  ): readonly [number, unknown] {
    if (method === 'GET') {
      const offset = Number(query.get('offset') ?? 0)
      const page = this.dashboards.slice(offset, offset + Math.min(MAX_PAGE, Number(query.get('limit') ?? 20)))
      const dashboards = page.map(({ id, locked, body: { name, tags, schemaVersion, spec } }) => ({
        ...{ id, locked, name, tags, schemaVersion, spec: { display: spec.display }, pinned: false, source: 'user' },
      }))
      return [200, ok({ dashboards, total: this.dashboards.length })]
    }
    const parsed = dashboardSchema.safeParse(body)
    if (!parsed.success) return [400, problem(parsed.error.message)]
    if (method === 'POST') {
      this.addDashboard(parsed.data)
      return [201, ok({ id: this.dashboards.at(-1)?.id })]
    }
    const found = this.dashboards.find((one) => one.id === id)
    if (found === undefined) return [404, problem('no such dashboard')]
    if (found.locked) return [403, problem('dashboard is locked')]
    if (found.body.name !== parsed.data.name) return [400, problem('name is immutable')]
    found.body = parsed.data
    return [200, ok({ id })]
  }

  #rules(method: string, id: string | undefined, body: unknown): readonly [number, unknown] {
    if (method === 'GET') return [200, ok(this.rules.map(({ id, body }) => ({ ...body, id, state: 'inactive' })))]
    const parsed = ruleSchema.safeParse(body)
    if (!parsed.success) return [400, problem(parsed.error.message)]
    const channels = (parsed.data.condition.thresholds?.spec ?? []).flatMap((threshold) => threshold.channels)
    if (channels.length === 0) return [400, problem('at least one channel is required')]
    if (method === 'POST') {
      this.#ids += 1
      this.rules.push({ id: `rule-${this.#ids}`, locked: false, body: parsed.data })
      return [201, ok({ ...parsed.data, id: this.rules.at(-1)?.id })]
    }
    const found = this.rules.find((one) => one.id === id)
    if (found === undefined) return [404, problem('no such rule')]
    found.body = parsed.data
    return [200, ok({})]
  }
}

function ok(data: unknown): object {
  return { status: 'success', data }
}

function problem(message: string): object {
  return { status: 'error', error: { code: message.replaceAll(' ', '_'), message } }
}
