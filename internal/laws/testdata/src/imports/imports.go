// Package imports imports what a part must not see.
package imports

import (
	_ "context"     // want `import of "context": a part sees only the capabilities it is given`
	_ "crypto/rand" // want `import of "crypto/rand"`
	_ "errors"
	_ "log"       // want `import of "log"`
	_ "log/slog"  // want `import of "log/slog"`
	_ "math/rand" // want `import of "math/rand"`
	_ "net"       // want `import of "net"`
	_ "net/http"  // want `import of "net/http"`
	_ "os"        // want `import of "os"`
	_ "os/signal" // want `import of "os/signal"`
	_ "reflect"   // want `import of "reflect"`
	_ "runtime"   // want `import of "runtime"`
	_ "slices"
	_ "sync"        // want `import of "sync"`
	_ "sync/atomic" // want `import of "sync/atomic"`
	_ "syscall"     // want `import of "syscall"`
	_ "unsafe"      // want `import of "unsafe"`

	_ "example.com/elsewhere" // want `import of "example.com/elsewhere"`
	_ "paxon/inside"
)
