package storage

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

func TestForceNow(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	before := s.Stats().Forces
	now, err := s.ForceNow()
	require.True(t, now)
	require.NoError(t, err)
	require.Equal(t, before, s.Stats().Forces, "there was nothing to force")
	s.Put(1, 1, []byte("x"))
	now, err = s.ForceNow()
	require.True(t, now)
	require.NoError(t, err)
	require.Equal(t, before+1, s.Stats().Forces)
	forced(t, s)
	require.Equal(t, before+1, s.Stats().Forces)
	require.Panics(t, func() { contents(s, 1) })
	clone := fs.CrashClone(vfs.CrashCloneCfg{})

	// Where a force waits or runs, there is none now.
	hold, held := make(chan struct{}), make(chan struct{})
	s.Put(1, 2, []byte("y"))
	s.Force(func(error) { close(held); <-hold })
	<-held
	s.Put(1, 3, []byte("z"))
	now, err = s.ForceNow()
	require.False(t, now)
	require.NoError(t, err)
	close(hold)
	forced(t, s)
	require.NoError(t, s.Close())
	require.Equal(t, []string{"1/1=x"}, contents(reopened(t, clone), 1))
	require.Equal(t, []string{"1/1=x", "1/2=y", "1/3=z"}, contents(reopened(t, fs), 1))
}

func TestPutValueJoins(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := openTest(t, fs)
	head, tail := []byte("head-"), []byte("-tail")
	s.PutValue(1, 1, head, []byte("value"), tail)
	copy(head, "XXXX")
	copy(tail, "XXXX")
	s.PutValue(1, 2, nil, nil, []byte("only a tail"))
	forced(t, s)
	require.Panics(t, func() { s.Put(rowsSpace, 1, nil) })
	require.NoError(t, s.Close())
	for range 5 { // The records are copied into newer segments.
		s = openTest(t, fs)
		require.Equal(t, []string{"1/1=head-value-tail", "1/2=only a tail"}, contents(s, 1))
		require.NoError(t, s.Close())
	}
}
