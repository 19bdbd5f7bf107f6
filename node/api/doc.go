// Package api is the HTTP API of one process: total order broadcast for programs in any
// language.
//
//	Implements   an http.Handler, by New, and a server for it, by Serve
//	Uses         node.Node
//	Requests     POST /v1/clients, POST /v1/broadcast, POST /v1/stream
//	             GET /v1/deliveries, GET /v1/status, GET /healthz
//	Indications  answers, and deliveries
//
// Properties:
//
//	A1 Same face      what is answered is what the Node said
//	A2 Bounded        a request holds at most one message; all broadcast requests together
//	                  bodyBytes, and a stream maxUnanswered answers; beyond, reading waits
//	A3 No panic       whatever comes from outside is an answer with a status, or the end of the
//	                  connection
//
// Assumptions: who reaches the address may broadcast and read; there is no authentication.
//
// The requests:
//
//	/v1/clients     {"client":"p1.2.3.17"}, a new client; nothing is broadcast
//	/v1/broadcast   the body is the payload; with the headers Paxon-Client and Paxon-Sequence it
//	                is safe to repeat, at any process; {"instance":7,"offset":0} once delivered
//	/v1/stream      MessagePack arrays [sequence, payload] of the client Paxon-Client; answered
//	                while it runs by [sequence, status, instance, offset], in order of delivery
//	/v1/deliveries  ?from=7/0 and ?follow=false; one JSON object a line, or with
//	                Accept: application/msgpack arrays [instance, offset, client, sequence,
//	                payload]
//	/v1/status      what node.Status has, as JSON
//	/healthz        200 while the loop turns and the disk makes progress
//
// An error is {"error":"...","status":"..."}: 400 malformed, 409 expired or forgotten, 410
// truncated, 413 too large, 415 not MessagePack, 503 closed or failed.
package api
