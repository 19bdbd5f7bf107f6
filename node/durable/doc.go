// Package durable replaces files in such a way that no crash leaves half of one.
package durable
