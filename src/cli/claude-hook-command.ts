/** A hook of Claude Code's settings. */
export type HookHandler =
  | { readonly type: 'http'; readonly url: string; readonly timeout: number }
  | { readonly type: 'command'; readonly command: string; readonly timeout: number }

const HTTP_TIMEOUT_SECONDS = 2
const CURL_TIMEOUT_SECONDS = 1
/** What a command may take altogether: its request, and the start of a shell on a busy machine. */
const COMMAND_TIMEOUT_SECONDS = 3

/** Environment that hooks over HTTP cannot carry, by the header that it is sent as. */
const HEADERS = {
  'x-oak-workflow-id': 'OAK_WORKFLOW_ID',
  'x-oak-parent-invocation-id': 'OAK_PARENT_INVOCATION_ID',
} as const

/** @param url where agentperf takes in hook events */
export function httpHook(url: string): HookHandler {
  return { type: 'http', url, timeout: HTTP_TIMEOUT_SECONDS }
}

/**
 * A shell command without the start of a runtime: sends the event with `curl`, or with Node where there is none, past any proxy
 * and settings of others. It prints the answer only where that came whole and looks like JSON, never anything else, and always
 * ends well: whatever is wrong, the agent goes on.
 */
export function commandHook(url: string): HookHandler {
  const headers = Object.entries(HEADERS).map(([header, variable]) => `-H "${header}: $${variable}"`)
  const curl = [
    // `-q` counts in the first place alone.
    `curl -q -sf --noproxy '*' -m ${CURL_TIMEOUT_SECONDS} -H 'content-type: application/json'`,
    ...headers,
    `--data-binary @- '${url}'`,
  ].join(' ')
  const node = `NODE_OPTIONS= no_proxy='*' node -e '${nodeProgram(url)}'`
  const send = `if command -v curl >/dev/null; then ${curl}; else ${node}; fi`
  const command = `{ answer=$(${send}) && case $answer in "{"*"}") printf %s "$answer";; esac; } 2>/dev/null; exit 0`
  return { type: 'command', command, timeout: COMMAND_TIMEOUT_SECONDS }
}

/** Where a command that agentperf wrote, in whichever installation, sends events to; `undefined` for commands of others. */
export function targetOf(command: unknown): string | undefined {
  if (typeof command !== 'string' || !Object.keys(HEADERS).every((header) => command.includes(header))) return undefined
  return /--data-binary @- '([^']+)'/.exec(command)?.[1]
}

/** Without single quotes, which the shell would end it at. */
function nodeProgram(url: string): string {
  const headers = Object.entries(HEADERS).map(([header, variable]) => `"${header}":process.env.${variable}||""`)
  return [
    'let body="";process.stdin.setEncoding("utf8").on("data",(part)=>{body+=part}).on("end",()=>{',
    `fetch("${url}",{method:"POST",body,signal:AbortSignal.timeout(${CURL_TIMEOUT_SECONDS * 1000}),`,
    `headers:{"content-type":"application/json",${headers.join(',')}}})`,
    '.then((answer)=>answer.ok?answer.text():"").then((text)=>process.stdout.write(text)).catch(()=>{})})',
  ].join('')
}
