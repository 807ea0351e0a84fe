// Runs a command through paddockd from Node, without a package: HTTP/2 is Node's own, and the few messages of
// paddock.v1 that it takes are written and read here by hand. With @grpc/grpc-js and the .proto it is shorter.
//
//   node client.mjs SOCKET WORKSPACE CMD [ARG...]      exits as the command does

import http2 from "node:http2";
import net from "node:net";
import process from "node:process";

// ---- Protocol buffers: a field is a number, a kind (0: varint, 2: bytes), a value.

function varint(value) {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => {
  const content = Buffer.isBuffer(value) ? value : Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

// { field: value }; of one that repeats, the last.
function fields(buffer) {
  const found = {};
  let at = 0;
  const next = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = buffer[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < buffer.length) {
    const tag = next();
    const value = next();
    found[tag >> 3] = (tag & 7) === 2 ? buffer.subarray(at, (at += value)) : value;
  }
  return found;
}

// ---- gRPC: a byte that says "not compressed", four of length, the message.

function framed(content) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

// Calls `onMessage` for each whole message of a stream.
function unframe(stream, onMessage) {
  let pending = Buffer.alloc(0);
  stream.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      onMessage(pending.subarray(5, end));
      pending = pending.subarray(end);
    }
  });
}

// ---- paddock.v1. The numbers are those of paddock.proto.

function startOf(workspace, command) {
  const environment = Object.entries(process.env).map(([name, value]) => bytes(2, `${name}=${value}`));
  const order = [
    ...command.map((argument) => bytes(1, argument)),
    bytes(2, workspace),
    message(22, bytes(1, process.cwd()), ...environment), // caller
  ];
  return message(1, message(1, ...order), number(3, 1)); // RunRequest.start: order, stdin
}

const input = (...parts) => message(2, ...parts); // RunRequest.input

export function run(socket, workspace, command, { stdin, onOutput }) {
  return new Promise((resolve, reject) => {
    const session = http2.connect("http://paddockd", { createConnection: () => net.connect(socket) });
    session.on("error", reject);
    const stream = session.request({
      ":method": "POST",
      ":path": "/paddock.v1.Paddock/Run",
      "content-type": "application/grpc",
      te: "trailers",
    });
    let exited;
    let status = {};
    unframe(stream, (content) => {
      const event = fields(content); // RunResponse
      if (event[4]) {
        const output = fields(event[4]);
        onOutput(output[1], output[2] ?? Buffer.alloc(0));
      } else if (event[7]) {
        const end = fields(event[7]);
        exited = { exitStatus: end[1] ?? 0, kind: String(end[2]), report: String(end[3]) };
      }
    });
    stream.on("response", (headers) => (status = headers));
    stream.on("trailers", (trailers) => (status = trailers));
    stream.on("error", reject);
    stream.on("close", () => {
      session.close();
      const code = Number(status["grpc-status"]);
      if (code === 0 && exited) return resolve(exited);
      const text = decodeURIComponent(status["grpc-message"] ?? "the daemon went away");
      reject(Object.assign(new Error(text), { code, exited }));
    });
    stream.write(framed(startOf(workspace, command)));
    stdin.on("data", (chunk) => stream.write(framed(input(bytes(1, chunk)))));
    stdin.on("end", () => stream.write(framed(input(number(2, 1)))));
  });
}

const [socket, workspace, ...command] = process.argv.slice(2);
if (command.length === 0) {
  console.error("usage: node client.mjs SOCKET WORKSPACE CMD [ARG...]");
  process.exit(2);
}
const STDERR = 2;
try {
  const end = await run(socket, workspace, command, {
    stdin: process.stdin,
    onOutput: (which, data) => (which === STDERR ? process.stderr : process.stdout).write(data),
  });
  process.exitCode = end.exitStatus;
} catch (error) {
  console.error(`client.mjs: ${error.message}`);
  process.exitCode = 125;
}
process.stdin.destroy();
