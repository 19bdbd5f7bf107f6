// Package inside is a package of Paxon.
package inside
