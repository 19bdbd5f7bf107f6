package disks

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
)

// tempSuffix marks a file that is not yet what it is to become.
const tempSuffix = ".tmp"

// replace has the file called name in a directory hold content, durably when it returns. A crash
// leaves the old file or the new one.
func replace(root *os.Root, dir, name string, content []byte) error {
	name = path.Join(dir, name)
	f, err := root.Create(name + tempSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := root.Rename(name+tempSuffix, name); err != nil {
		return err
	}
	return syncDir(root, dir)
}

// syncDir makes durable which files a directory has.
func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// read gives the content of a file of at most maxBlock bytes, and one byte more if it is longer.
// There is none if the file is not there.
func read(root *os.Root, name string) (content []byte, there bool, err error) {
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	content, err = io.ReadAll(io.LimitReader(f, maxBlock+1))
	return content, true, errors.Join(err, f.Close())
}

// list gives the names of the files in a directory.
func list(root *os.Root, dir string) ([]string, error) {
	d, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := d.Readdirnames(-1)
	return names, errors.Join(err, d.Close())
}
