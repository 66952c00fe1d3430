// Runs in a container of its own, as SigNoz's ingester would: takes in OTLP over HTTP, and tells at /seen what came.
import { createServer } from 'node:http'

const seen = []
createServer(async (request, response) => {
  if (request.url === '/seen') return response.end(JSON.stringify(seen))
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  seen.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) })
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
}).listen(4318)
process.once('SIGTERM', () => process.exit(0))
