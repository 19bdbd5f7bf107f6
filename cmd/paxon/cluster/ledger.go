package cluster

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"

	"paxon/client"
	"paxon/process"
	"paxon/tob"
)

// account is what is known of the messages of one client: how many, and what was in them.
type account struct {
	count uint64
	hash  hash.Hash
}

func newAccount() *account { return &account{hash: sha256.New()} }

// add counts one more message. The length goes first, so that no two sequences hash the same.
func (a *account) add(payload []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(payload)))
	a.count++
	a.hash.Write(length[:]) // A hash never fails.
	a.hash.Write(payload)
}

func (a *account) sum() string { return hex.EncodeToString(a.hash.Sum(nil)) }

// ledger is the accounts of this run's clients at one process (CR2, CR3).
type ledger struct {
	process process.ID
	clients map[tob.Client]*account
}

func newLedger(at process.ID, clients []tob.Client) *ledger {
	l := &ledger{at, map[tob.Client]*account{}}
	for _, c := range clients {
		l.clients[c] = newAccount()
	}
	return l
}

// add enters a delivery. It returns false for one of another run, and an *OrderError for one
// out of turn.
func (l *ledger) add(d client.Delivery) (ours bool, err error) {
	a := l.clients[d.Client]
	if a == nil {
		return false, nil
	}
	if d.Sequence != a.count+1 {
		return true, &OrderError{l.process, d.Client, d.Sequence, a.count + 1, d.Position}
	}
	a.add(d.Payload)
	return true, nil
}

// check compares what was delivered of a client with what it was given. The error is a
// *ContentError.
func (l *ledger) check(c tob.Client, given *account) error {
	a := l.clients[c]
	if a.count != given.count {
		return &ContentError{
			l.process, fmt.Sprintf("of client %v", c),
			fmt.Sprintf("%d lines", a.count), fmt.Sprint(given.count),
		}
	}
	if a.sum() != given.sum() {
		return &ContentError{
			l.process, fmt.Sprintf("of client %v lines with SHA-256", c), a.sum(), given.sum(),
		}
	}
	return nil
}
