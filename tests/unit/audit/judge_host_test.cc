#include "tests/unit/audit/judge_fixture.h"

namespace paddock::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using JudgeHostTest = JudgeTest;

TEST_F(JudgeHostTest, ADockerSocketByWhereItLies) {
  seen_.sockets = {{"/srv/docker.sock", "/srv/docker.sock", true}};
  EXPECT_EQ(Shown("host_socket_reachable"), "high: /srv/docker.sock");
  EXPECT_THAT(Find("host_socket_reachable")->commands, ElementsAre("paddock run --hide /srv/docker.sock -- CMD"));
  view_.steps.push_back({"/srv/docker.sock", Sight::kMasked});
  EXPECT_EQ(Shown("host_socket_reachable"), "");
  EXPECT_EQ(Shown("host_sockets_hidden"), "info: /srv/docker.sock");
  seen_.sockets = {{"/var/run/docker.sock", "/run/docker.sock", true}};
  EXPECT_EQ(Shown("host_socket_reachable"), "");
  EXPECT_THAT(Find("host_sockets_hidden")->paths.front().note, HasSubstr("directory of its own"));
}

TEST_F(JudgeHostTest, ASocketThatIsClosedToTheCallerIsClosedInside) {
  seen_.sockets = {{"/srv/docker.sock", "/srv/docker.sock", false}};
  EXPECT_EQ(Shown("host_socket_reachable"), "");
  EXPECT_THAT(Find("host_sockets_hidden")->paths.front().note, HasSubstr("permissions"));
}

TEST_F(JudgeHostTest, WithoutMountsEverySocketIsInReach) {
  seen_.sockets = {{"/run/docker.sock", "/run/docker.sock", true}};
  EXPECT_EQ(Shown("host_socket_reachable"), "");
  view_.any_socket = true;
  EXPECT_EQ(Shown("host_socket_reachable"), "high: /run/docker.sock");
}

TEST_F(JudgeHostTest, AGrantedSocket) {
  seen_.sockets = {{"/run/docker.sock", "/run/docker.sock", true}};
  EXPECT_EQ(Shown("host_socket_granted"), "");
  request_.unix_sockets = {{"/run/docker.sock", false, "/run/docker.sock", {}}};
  EXPECT_EQ(Shown("host_socket_granted"), "high: /run/docker.sock");
  seen_.sockets = {{"/run/user/1000/ssh-agent.socket", "/run/user/1000/ssh-agent.socket", true}};
  request_.unix_sockets = {{"/run/user/1000/ssh-agent.socket", false, "", {}}};
  EXPECT_EQ(Shown("host_socket_granted"), "medium: /run/user/1000/ssh-agent.socket");
}

TEST_F(JudgeHostTest, SocketsInTheHomeAreInSightThroughTheLayer) {
  seen_.sockets = {{"/home/dev/.docker/run/docker.sock", "/home/dev/.docker/run/docker.sock", true}};
  EXPECT_EQ(Shown("host_socket_reachable"), "high: /home/dev/.docker/run/docker.sock");
}

TEST_F(JudgeHostTest, SocketsThatAreBoundLater) {
  view_.landlock_abi = 8;
  EXPECT_EQ(Shown("later_sockets_reachable"), "info: /");
  view_.landlock_abi = 9;
  EXPECT_EQ(Shown("later_sockets_reachable"), "");
}

TEST_F(JudgeHostTest, PlacesThatEverybodyMayWrite) {
  seen_.world_writable_places = {Directory("/tmp", 01777, 0), Directory("/var/spool/x", 0777, 0)};
  EXPECT_EQ(Shown("world_writable_places"), "info: /tmp, /var/spool/x");
  EXPECT_EQ(Shown("host_place_shared"), "");
  view_.steps.push_back({"/tmp", Sight::kWritable});  // tmp = "host"
  EXPECT_EQ(Shown("host_place_shared"), "medium: /tmp");
  EXPECT_EQ(Shown("world_writable_places"), "info: /var/spool/x");
  view_.planned = false;  // no sandbox, so none that closes anything
  EXPECT_EQ(Shown("world_writable_places"), "");
}

SearchDirectory Entry(std::string text, Place place) { return {std::move(text), std::move(place)}; }

TEST_F(JudgeHostTest, EntriesOfPath) {
  seen_.search_path = {Entry("/usr/bin", PlaceAt({Directory("/", 0755, 0), Directory("/usr/bin", 0755, 0)}))};
  EXPECT_THAT(All(), IsEmpty());
  seen_.search_path.push_back(Entry("", {}));
  seen_.search_path.push_back(Entry("node_modules/.bin", {}));
  EXPECT_EQ(Shown("path_entry_relative"), "medium: , node_modules/.bin");
  seen_.search_path = {Entry("/ws/bin", PlaceAt({Directory("/ws/bin", 0755)}))};
  EXPECT_EQ(Shown("path_entry_in_workspace"), "medium: /ws/bin");
  view_.steps.push_back({"/ws/bin", Sight::kReadOnly});
  EXPECT_EQ(Shown("path_entry_in_workspace"), "");
}

TEST_F(JudgeHostTest, AnEntryOfPathThatIsNotThereYet) {
  Place absent;
  absent.path = "/ws/bin";
  absent.chain = {Directory("/ws", 0755)};
  seen_.search_path = {Entry("/ws/bin", absent)};
  EXPECT_EQ(Shown("path_entry_in_workspace"), "medium: /ws/bin");
}

TEST_F(JudgeHostTest, EntriesOfPathThatOthersMayWrite) {
  seen_.search_path = {Entry("/opt/bin", PlaceAt({Directory("/opt", 0755, 0), Directory("/opt/bin", 0777, 0)}))};
  EXPECT_EQ(Shown("path_entry_writable_by_others"), "high: /opt/bin");
  seen_.search_path.front().place.chain.back().mode = 01777;  // they may not replace a program, but add one
  EXPECT_EQ(Shown("path_entry_writable_by_others"), "high: /opt/bin");
  seen_.search_path.front().place.chain.back().mode = 0755;
  EXPECT_EQ(Shown("path_entry_writable_by_others"), "");
  seen_.search_path.front().place.chain.front().owner = kSomebody;
  EXPECT_EQ(Shown("path_entry_writable_by_others"), "high: /opt/bin");
}

TEST_F(JudgeHostTest, APolicyThatOthersMayChange) {
  seen_.own_files = {PlaceAt({Directory("/etc/paddock", 0755, 0), File("/etc/paddock/policy.toml", 0644, 0)})};
  EXPECT_THAT(All(), IsEmpty());
  seen_.own_files.front().chain.back().mode = 0666;
  EXPECT_EQ(Shown("own_files_writable_by_others"), "high: /etc/paddock/policy.toml");
  seen_.own_files.front().chain.back().mode = 0644;
  seen_.own_files.front().chain.front().mode = 0775;  // of group 0, of which nothing is known
  EXPECT_EQ(Shown("own_files_writable_by_others"), "high: /etc/paddock/policy.toml");
  seen_.group_shared[0] = No("test");
  EXPECT_EQ(Shown("own_files_writable_by_others"), "");
}

TEST_F(JudgeHostTest, APolicyThatOthersCouldMake) {
  seen_.own_files = {PlaceAt({Directory("/etc", 0755, 0), Directory("/etc/paddock", 01777, 0)})};
  seen_.own_files.front().path = "/etc/paddock/policy.toml";
  seen_.own_files.front().real_path.clear();
  EXPECT_EQ(Shown("own_files_writable_by_others"), "high: /etc/paddock/policy.toml");
  seen_.own_files.front().chain.back().mode = 0755;
  EXPECT_EQ(Shown("own_files_writable_by_others"), "");
}

TEST_F(JudgeHostTest, APolicyThatTheCommandMayWrite) {
  seen_.own_files = {PlaceAt({File("/ws/policy.toml")})};
  EXPECT_EQ(Shown("own_files_writable_inside"), "high: /ws/policy.toml");
  seen_.own_files.front().only_tightens = true;
  EXPECT_EQ(Shown("own_files_writable_inside"), "low: /ws/policy.toml");
  view_.steps.push_back({"/ws/policy.toml", Sight::kReadOnly});
  EXPECT_EQ(Shown("own_files_writable_inside"), "");
}

TEST_F(JudgeHostTest, TheStateDirectory) {
  seen_.state_directory = PlaceAt({Directory("/home/dev/.local/state/paddock", 0700)});
  EXPECT_THAT(All(), IsEmpty());
  seen_.state_directory.chain.back().mode = 0755;
  EXPECT_EQ(Shown("state_directory_open"), "medium: /home/dev/.local/state/paddock");
  seen_.state_directory.chain.back().mode = 0700;
  seen_.state_directory.chain.back().owner = kSomebody;
  EXPECT_EQ(Shown("state_directory_open"), "medium: /home/dev/.local/state/paddock");
}

}  // namespace
}  // namespace paddock::audit
