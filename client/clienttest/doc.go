// Package clienttest is a cluster within a test: it speaks the HTTP API of the processes and
// keeps one sequence in memory, so that callers of the API can be tested without processes.
//
//	Implements   Cluster, Member: the server's side of the API that package client calls
//	Uses         client, tob for names and positions
//	Requests     New, Start, Kill, Stall, Mute, Tamper
//
// Properties: those of total order broadcast, as long as Tamper does not break them. A member
// that is killed forgets what it had not delivered yet, and its connections break.
package clienttest
