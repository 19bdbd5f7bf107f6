package main

import (
	"errors"
	"net"
)

// freeAddresses are addresses that were free a moment ago.
func freeAddresses() (addresses [members]string, err error) {
	var listeners [members]net.Listener // Held until all are chosen, so that they differ.
	for i := range addresses {
		l, listenErr := net.Listen("tcp", "127.0.0.1:0")
		if listenErr != nil {
			err = listenErr
			break
		}
		addresses[i], listeners[i] = l.Addr().String(), l
	}
	for _, l := range listeners {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return addresses, err
}
