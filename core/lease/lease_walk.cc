#include "core/lease/lease_walk.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace paddock {
namespace {

// Work that is offered to other threads at a time; the rest waits with the thread that found it.
constexpr size_t kQueueLimit = 64;

// A file to visit, and to enter if it is a directory.
struct Item {
  std::shared_ptr<AclFile> parent;  // null: `name` is empty and `open` the root
  std::shared_ptr<AclFile> open;
  std::string name;
  std::string path;
  std::shared_ptr<const access::Acl> inherited;
};

class Walk {
 public:
  explicit Walk(const WalkVisitor& visitor) : visitor_(visitor) {}

  absl::Status Run(Item root, int threads) {
    queue_.push_back(std::move(root));
    unfinished_ = 1;
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back([this] { Work(); });
    Work();
    for (std::thread& other : others) other.join();
    return status_;
  }

 private:
  void Work() {
    std::deque<Item> own;
    while (std::optional<Item> item = Next(&own)) {
      std::vector<Item> found;
      const absl::Status status = Enter(*std::move(item), &found);
      Finish(status, std::move(found), &own);
    }
  }

  std::optional<Item> Next(std::deque<Item>* own) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (own->empty()) changed_.wait(lock, [this] { return stopped_ || unfinished_ == 0 || !queue_.empty(); });
    if (stopped_ || unfinished_ == 0) return std::nullopt;
    std::deque<Item>& from = own->empty() ? queue_ : *own;
    Item item = std::move(from.back());
    from.pop_back();
    return item;
  }

  void Finish(const absl::Status& status, std::vector<Item> found, std::deque<Item>* own) {
    const std::lock_guard<std::mutex> lock(mutex_);
    unfinished_ += found.size();
    unfinished_ -= 1;
    if (!status.ok() && !stopped_) {
      stopped_ = true;
      status_ = status;
    }
    std::move(found.begin(), found.end(), std::back_inserter(*own));
    const size_t offered = queue_.size();
    for (; own->size() > 1 && queue_.size() < kQueueLimit; own->pop_front()) queue_.push_back(std::move(own->front()));
    if (queue_.size() != offered || unfinished_ == 0 || stopped_) changed_.notify_all();
  }

  absl::Status Enter(const Item& item, std::vector<Item>* found) {
    std::shared_ptr<AclFile> directory = item.open;
    if (directory == nullptr) {
      absl::StatusOr<std::unique_ptr<AclFile>> opened = item.parent->OpenChild(item.name);
      if (!opened.ok()) {
        visitor_.failed(item.path, opened.status());
        return absl::OkStatus();
      }
      directory = *std::move(opened);
    }
    return Visit(directory, item, found);
  }

  absl::Status Visit(const std::shared_ptr<AclFile>& file, const Item& item, std::vector<Item>* found) {
    absl::StatusOr<access::Acl> entries = visitor_.visit(*file, item.path, *item.inherited);
    if (!entries.ok()) return entries.status();
    if (!file->info().directory || file->info().reparse_point) return absl::OkStatus();
    absl::StatusOr<std::vector<std::string>> names = file->List();
    if (!names.ok()) {
      visitor_.failed(item.path, names.status());
      return absl::OkStatus();
    }
    const auto passed = std::make_shared<const access::Acl>(*std::move(entries));
    for (std::string& name : *names) {
      std::string path = JoinName(item.path, name);
      found->push_back({file, nullptr, std::move(name), std::move(path), passed});
    }
    return absl::OkStatus();
  }

  const WalkVisitor& visitor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;
  size_t unfinished_ = 0;  // in the queue, with a thread, or in work
  bool stopped_ = false;
  absl::Status status_;
};

}  // namespace

absl::Status WalkTree(std::shared_ptr<AclFile> root, const std::string& path, int threads, const WalkVisitor& visitor) {
  return Walk(visitor).Run({nullptr, std::move(root), "", path, std::make_shared<const access::Acl>()},
                           std::max(threads, 1));
}

std::string JoinName(const std::string& path, const std::string& name) {
  return !path.empty() && path.back() == '\\' ? path + name : path + '\\' + name;
}

}  // namespace paddock
