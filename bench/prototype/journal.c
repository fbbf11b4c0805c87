// The journal: a thread writes all lines that wait, durably, and says so.
#include "tunnel.h"
#include <fcntl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

enum { LINGER_NS = 5000000 }; // how long a line that nobody waits for waits for one that is urgent

static int journal, durable;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static char lines[1 << 20], batch[1 << 20];
static size_t lines_length;
static bool urgent;
static struct side *recording, *recorded; // sessions whose line is not durable yet; those whose line is

static void wait_for_lines(void) {
  struct timespec until;
  while (lines_length == 0) pthread_cond_wait(&more, &lock);
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += LINGER_NS;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  while (!urgent && pthread_cond_timedwait(&more, &lock, &until) == 0);
}

static void *write_lines(void *unused) {
  for (uint64_t one = 1;;) {
    pthread_mutex_lock(&lock);
    wait_for_lines();
    size_t length = lines_length;
    struct side *sessions = recording, *last = recording;
    memcpy(batch, lines, length);
    lines_length = 0;
    recording = NULL;
    urgent = false;
    pthread_mutex_unlock(&lock);
    if (write(journal, batch, length) != (ssize_t)length || fdatasync(journal) < 0) fail("the journal");
    if (sessions == NULL) continue;
    while (last->next_recorded) last = last->next_recorded;
    pthread_mutex_lock(&lock);
    last->next_recorded = recorded;
    recorded = sessions;
    pthread_mutex_unlock(&lock);
    if (write(durable, &one, sizeof one) < 0) fail("the journal's event");
  }
  return unused;
}

int open_journal(const char *file) {
  pthread_t writer;
  durable = eventfd(0, EFD_NONBLOCK);
  journal = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (durable < 0 || journal < 0 || pthread_create(&writer, NULL, write_lines, NULL) != 0) fail(file);
  return durable;
}

// Appends a line, about as long as one of Sluice's.
void record(struct side *side, const char *kind, bool waits) {
  static unsigned char previous[SHA256_DIGEST_LENGTH];
  static uint64_t number;
  char line[1024], hash[2 * SHA256_DIGEST_LENGTH + 1];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) sprintf(hash + 2 * i, "%02x", previous[i]);
  int length = snprintf(line, sizeof line,
                        "{\"number\":%lu,\"previous\":\"%s\",\"time\":%ld.%09ld,\"kind\":\"%s\",\"up\":%lu,\"down\":%lu,\"request\":%s,"
                        "\"room\":\"%0400d\"}\n",
                        ++number, hash, now.tv_sec, now.tv_nsec, kind, side->received, side->sent, side->request, 0);
  SHA256((unsigned char *)line, length, previous);
  pthread_mutex_lock(&lock);
  if (lines_length + length > sizeof lines) fail("the journal is too slow");
  bool wake = waits || lines_length == 0;
  memcpy(lines + lines_length, line, length);
  lines_length += length;
  if (waits) {
    side->in_journal = urgent = true;
    side->next_recorded = recording;
    recording = side;
  }
  pthread_mutex_unlock(&lock);
  if (wake) pthread_cond_signal(&more);
}

// The sessions whose line has become durable, in a list by `next_recorded`.
struct side *take_recorded(void) {
  pthread_mutex_lock(&lock);
  struct side *sessions = recorded;
  recorded = NULL;
  pthread_mutex_unlock(&lock);
  return sessions;
}
