package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"paxon/kv"
)

// replyError is an error as the client reads it. The text begins with a code in capitals.
type replyError string

func (e replyError) Error() string { return string(e) }

// Errors in the words of Redis.
const (
	errSyntax        = replyError("ERR syntax error")
	errInteger       = replyError("ERR value is not an integer or out of range")
	errOverflow      = replyError("ERR increment or decrement would overflow")
	errDecrement     = replyError("ERR decrement would overflow")
	errCursor        = replyError("ERR invalid cursor")
	errDatabase      = replyError("ERR DB index is out of range")
	errClients       = replyError("ERR max number of clients reached")
	errWrongPass     = replyError("WRONGPASS invalid username-password pair or user is disabled.")
	errClientName    = replyError("ERR Client names cannot contain spaces, newlines or special characters.")
	errProtoVersion  = replyError("NOPROTO unsupported protocol version")
	errProtoInteger  = replyError("ERR Protocol version is not an integer or out of range")
	errExpireOptions = replyError("ERR NX and XX, GT or LT options at the same time are not compatible")
	errPassword      = replyError("ERR AUTH <password> called without any password configured for " +
		"the default user. Are you sure your configuration is correct?")
)

// Errors of our own.
const (
	errClocks = replyError("ERR times of day are not supported, because the clocks of the " +
		"processes are not trusted to agree: give a duration (EX, PX, EXPIRE, PEXPIRE)")
	errCompare = replyError("ERR GT and LT are not supported, because the clocks of the " +
		"processes are not trusted to agree")
	errOrder   = replyError("ERR PAXON.ORDER takes CONNECTION or KEY")
	errVersion = replyError("ERR version is not an integer or out of range")
)

func errArity(name string) error {
	return replyError("ERR wrong number of arguments for '" + strings.ToLower(name) + "' command")
}

func errSubcommand(name string, sub []byte) error {
	return replyError(fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.",
		printable(sub, 128), strings.ToUpper(name)))
}

func errExpireTime(name string) error {
	return replyError("ERR invalid expire time in '" + name + "' command")
}

// errUnknown names the command and as much of its arguments as Redis does.
func errUnknown(args [][]byte) error {
	var b strings.Builder
	for _, arg := range args[1:] {
		if b.Len() >= 128 {
			break
		}
		fmt.Fprintf(&b, "'%s' ", printable(arg, 128-b.Len()))
	}
	return replyError(fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s",
		printable(args[0], 128), b.String()))
}

// printable is what an error quotes of an argument: as C prints it, and no line ends.
func printable(arg []byte, limit int) string {
	s, _, _ := strings.Cut(string(arg[:min(len(arg), limit)]), "\x00")
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}

func errTooLong(what string, came, limit int) error {
	return replyError(fmt.Sprintf("ERR the %s has %d bytes, the limit is %d", what, came, limit))
}

func errAnswer(limit int) error {
	return replyError(fmt.Sprintf("ERR the answer would have more than %d bytes, ask for less", limit))
}

// outcome is how an error that is not for the client already is told to it.
func outcome(err error, timeout time.Duration) error {
	if _, ok := errors.AsType[replyError](err); ok {
		return err
	}
	if format, ok := errors.AsType[*kv.FormatError](err); ok {
		return replyError("ERR " + format.Error())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return replyError(fmt.Sprintf("TRYAGAIN the outcome is not known: "+
			"no answer from enough processes within %v", timeout))
	}
	if errors.Is(err, context.Canceled) {
		return replyError("TRYAGAIN the outcome is not known: this process is closing")
	}
	return replyError("TRYAGAIN the outcome is not known: " + err.Error())
}

func errTooMany(came, limit int) error {
	return replyError(fmt.Sprintf("ERR the command has %d arguments, the limit is %d", came, limit))
}

func errRequest(limit int) error {
	return replyError(fmt.Sprintf("ERR the arguments have more than %d bytes together", limit))
}
